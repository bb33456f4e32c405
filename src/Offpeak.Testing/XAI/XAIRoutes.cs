using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>xAI's batches, files and synchronous endpoints under <c>/xai/v1</c>.</summary>
internal static class XAIRoutes
{
    public const string Provider = "xai";
    private const string Prefix = "/xai";

    public static void Map(WebApplication app, EmulatorState state, DuplicateRequests duplicates)
    {
        var batches = new XAIBatches(state);
        var pipeline = new ExchangePipeline(state, new XAIVoice(state, batches));
        var answerer = new OpenAIAnswerer(state, WriteCost);
        var generate = new GenerateRoute(answerer, Prefix);
        CompatibleRoutes.MapFiles(app.MapGroup(Prefix + "/v1/files"), pipeline, new OpenAIFileRoutes(state, defaultPurpose: "batch"));
        MapBatches(app.MapGroup(Prefix + "/v1/batches"), pipeline, new XAIBatchRoutes(state, answerer, batches, duplicates));
        foreach (var endpoint in (string[])[OpenAIEndpoints.Chat, OpenAIEndpoints.Responses])
            app.MapPost(Prefix + endpoint, pipeline.Run(EmulatorOperation.Generate, generate.AnswerAsync));
    }

    private static void MapBatches(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder group, ExchangePipeline pipeline, XAIBatchRoutes batches)
    {
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapPost("{batchId}:cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
        group.MapPost("{batchId}/requests", pipeline.Run(EmulatorOperation.AppendRequests, batches.AppendAsync));
        group.MapGet("{batchId}/requests", pipeline.Run(EmulatorOperation.ListRequests, batches.ListRequestsAsync));
        group.MapGet("{batchId}/results", pipeline.Run(EmulatorOperation.GetResults, batches.ListResultsAsync));
    }

    /// <summary>A made-up price: 2 dollars for a million input tokens, 8 for a million output tokens, in units of 1e-10 dollars.</summary>
    private static void WriteCost(Utf8JsonWriter writer, TokenCounts usage) =>
        writer.WriteNumber("cost_in_usd_ticks", (usage.Input * 20_000) + (usage.Output * 80_000));
}
