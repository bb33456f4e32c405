using Microsoft.AspNetCore.Builder;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic's messages and message batches under <c>/v1/messages</c>.</summary>
internal static class AnthropicRoutes
{
    public const string Provider = "anthropic";

    public const string Messages = "/v1/messages";

    public static void Map(WebApplication app, EmulatorState state)
    {
        var pipeline = new ExchangePipeline(state, new AnthropicVoice(state));
        var answerer = new AnthropicAnswerer(state);
        var batches = new BatchRoutes(state, answerer);
        var results = new ResultRoute(state);
        var messages = new MessageRoute(answerer);
        app.MapPost(Messages, pipeline.Run(EmulatorOperation.Generate, messages.AnswerAsync));
        var group = app.MapGroup(Messages + "/batches");
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapDelete("{batchId}", pipeline.Run(EmulatorOperation.DeleteBatch, batches.DeleteAsync));
        group.MapPost("{batchId}/cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
        group.MapGet("{batchId}/results", pipeline.Run(EmulatorOperation.GetResults, results.ReadAsync));
    }
}
