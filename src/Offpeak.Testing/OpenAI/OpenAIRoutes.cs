using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>The files, batches and synchronous endpoints of OpenAI and of servers that deviate from it by data alone.</summary>
internal static class OpenAIRoutes
{
    public static void Map(WebApplication app, EmulatorState state, ServerFlavor flavor)
    {
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state, flavor));
        var files = new OpenAIFileRoutes(state, pendingAtFirst: flavor.FilesArePendingAtFirst, wrapper: flavor.FileList);
        var answerer = new OpenAIAnswerer(state);
        CompatibleRoutes.MapFiles(app.MapGroup(flavor.Root + "/files"), pipeline, files, flavor.UploadPath);
        MapBatches(app.MapGroup(flavor.Root + "/batches"), pipeline, new OpenAIBatchRoutes(state, answerer, flavor));
        CompatibleRoutes.MapGenerate(app, pipeline, answerer, flavor.Root);
    }

    private static void MapBatches(IEndpointRouteBuilder group, ExchangePipeline pipeline, OpenAIBatchRoutes batches)
    {
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapPost("{batchId}/cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
    }
}
