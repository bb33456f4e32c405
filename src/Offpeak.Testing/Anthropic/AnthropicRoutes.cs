using Microsoft.AspNetCore.Builder;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic's messages and message batches under <c>/v1/messages</c>.</summary>
internal static class AnthropicRoutes
{
    public const string Provider = "anthropic";

    public static void Map(WebApplication app, EmulatorState state, EmulatedAnthropic settings)
    {
        var pipeline = new ExchangePipeline(state, new AnthropicVoice(state));
        var answerer = new AnthropicAnswerer(state);
        var batches = new MessageBatchRoutes(state, answerer, settings);
        var results = new ResultRoute(state);
        var messages = new MessageRoute(answerer);
        app.MapPost(AnthropicAnswerer.Endpoint, pipeline.Run(EmulatorOperation.Generate, messages.AnswerAsync));
        var group = app.MapGroup(AnthropicAnswerer.Endpoint + "/batches");
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapDelete("{batchId}", pipeline.Run(EmulatorOperation.DeleteBatch, batches.DeleteAsync));
        group.MapPost("{batchId}/cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
        group.MapGet("{batchId}/results", pipeline.Run(EmulatorOperation.GetResults, results.ReadAsync));
    }
}
