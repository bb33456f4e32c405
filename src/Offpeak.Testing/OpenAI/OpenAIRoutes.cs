using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Offpeak.Testing.OpenAI;

/// <summary>OpenAI's files, batches and synchronous endpoints under <c>/v1</c>.</summary>
internal static class OpenAIRoutes
{
    public const string Provider = "openai";

    public static void Map(WebApplication app, EmulatorState state)
    {
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state));
        var files = new FileRoutes(state);
        var answerer = new OpenAIAnswerer(state);
        var batches = new BatchRoutes(state, answerer);
        var generate = new GenerateRoute(answerer);
        MapFiles(app.MapGroup("/v1/files"), pipeline, files);
        MapBatches(app.MapGroup("/v1/batches"), pipeline, batches);
        foreach (var endpoint in OpenAIEndpoints.Answered)
            app.MapPost(endpoint, pipeline.Run(EmulatorOperation.Generate, generate.AnswerAsync));
        app.MapFallback("{**path}", pipeline.Run(EmulatorOperation.Unknown, context => Task.FromResult(
            OpenAIErrors.Reply(404, $"Invalid URL ({context.Request.Method} {context.Request.Path})"))));
    }

    public static void MapFiles(IEndpointRouteBuilder group, ExchangePipeline pipeline, FileRoutes files)
    {
        group.MapPost("", pipeline.Run(EmulatorOperation.UploadFile, files.UploadAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListFiles, context => Task.FromResult(files.List(context))));
        group.MapGet("{fileId}", pipeline.Run(EmulatorOperation.GetFile, context => Task.FromResult(files.Get(context))));
        group.MapDelete("{fileId}", pipeline.Run(EmulatorOperation.DeleteFile, context => Task.FromResult(files.Delete(context))));
        group.MapGet("{fileId}/content", pipeline.Run(EmulatorOperation.DownloadFile, context => Task.FromResult(files.Download(context))));
    }

    private static void MapBatches(IEndpointRouteBuilder group, ExchangePipeline pipeline, BatchRoutes batches)
    {
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapPost("{batchId}/cancel", pipeline.Run(EmulatorOperation.CancelBatch, batches.CancelAsync));
    }
}
