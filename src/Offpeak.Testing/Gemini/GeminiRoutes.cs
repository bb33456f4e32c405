using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Offpeak.Testing.Gemini;

/// <summary>The Gemini Developer API's batches, files and synchronous calls under <c>/v1beta</c>.</summary>
internal static class GeminiRoutes
{
    public const string Provider = "gemini";

    public static void Map(WebApplication app, EmulatorState state)
    {
        var pipeline = new ExchangePipeline(state, new GeminiVoice(state));
        var answerer = new GeminiAnswerer(state);
        MapModels(app.MapGroup("/v1beta/models"), pipeline, new GeminiBatchRoutes(state, answerer), new GenerateRoutes(answerer), app);
        MapFiles(app, pipeline, new GeminiFileRoutes(state));
    }

    private static void MapModels(
        IEndpointRouteBuilder models, ExchangePipeline pipeline, GeminiBatchRoutes batches, GenerateRoutes generate, IEndpointRouteBuilder root)
    {
        models.MapPost("{model}:batchGenerateContent", pipeline.Run(EmulatorOperation.CreateBatch, context => batches.CreateAsync(context, false)));
        models.MapPost("{model}:asyncBatchEmbedContent", pipeline.Run(EmulatorOperation.CreateBatch, context => batches.CreateAsync(context, true)));
        models.MapPost("{model}:generateContent", pipeline.Run(EmulatorOperation.Generate, context => generate.AnswerAsync(context, false)));
        models.MapPost("{model}:embedContent", pipeline.Run(EmulatorOperation.Generate, context => generate.AnswerAsync(context, true)));
        root.MapGet("/v1beta/batches", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        root.MapGet("/v1beta/batches/{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        root.MapPost("/v1beta/batches/{batchId}:cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
        root.MapDelete("/v1beta/batches/{batchId}", pipeline.Run(EmulatorOperation.DeleteBatch, batches.DeleteAsync));
        // The guide downloads by the first path, Google's SDKs by the second.
        root.MapGet("/download/v1beta/files/{fileId}:download", pipeline.Run(EmulatorOperation.DownloadFile, batches.DownloadAsync));
        root.MapGet("/v1beta/files/{fileId}:download", pipeline.Run(EmulatorOperation.DownloadFile, batches.DownloadAsync));
    }

    private static void MapFiles(IEndpointRouteBuilder root, ExchangePipeline pipeline, GeminiFileRoutes files)
    {
        root.MapPost("/upload/v1beta/files", pipeline.Run(EmulatorOperation.UploadFile, files.UploadAsync));
        root.MapGet("/v1beta/files", pipeline.Run(EmulatorOperation.ListFiles, Now(files.List)));
        root.MapGet("/v1beta/files/{fileId}", pipeline.Run(EmulatorOperation.GetFile, Now(files.Get)));
        root.MapDelete("/v1beta/files/{fileId}", pipeline.Run(EmulatorOperation.DeleteFile, Now(files.Delete)));
    }

    private static Func<HttpContext, Task<Reply>> Now(Func<HttpContext, Reply> work) => context => Task.FromResult(work(context));
}
