using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Offpeak.Testing.OpenAI;

/// <summary>OpenAI's files, batches and synchronous endpoints under <c>/v1</c>.</summary>
internal static class OpenAIRoutes
{
    public const string Provider = "openai";

    public static void Map(WebApplication app, EmulatorState state)
    {
        var flavor = new ServerFlavor(Provider, "/v1") { Dialect = state.Options.OpenAIDialect };
        Map(app, state, flavor);
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state));
        app.MapFallback("{**path}", pipeline.Run(EmulatorOperation.Unknown, context => Task.FromResult(
            OpenAIErrors.Reply(404, $"Invalid URL ({context.Request.Method} {context.Request.Path})"))));
    }

    /// <summary>A server's files, batches and synchronous endpoints.</summary>
    public static void Map(WebApplication app, EmulatorState state, ServerFlavor flavor)
    {
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state, flavor));
        var files = new FileRoutes(state, pendingAtFirst: flavor.FilesArePendingAtFirst);
        var answerer = new OpenAIAnswerer(state);
        MapFiles(app.MapGroup(flavor.Root + "/files"), pipeline, files, flavor.UploadPath);
        MapBatches(app.MapGroup(flavor.Root + "/batches"), pipeline, new BatchRoutes(state, answerer, flavor));
        MapGenerate(app, pipeline, answerer, flavor.Root);
    }

    public static void MapGenerate(WebApplication app, ExchangePipeline pipeline, OpenAIAnswerer answerer, string root)
    {
        if (!root.EndsWith("/v1", StringComparison.Ordinal))
            return;
        var prefix = root[..^"/v1".Length];
        var generate = new GenerateRoute(answerer, prefix);
        foreach (var endpoint in OpenAIEndpoints.Answered)
            app.MapPost(prefix + endpoint, pipeline.Run(EmulatorOperation.Generate, generate.AnswerAsync));
    }

    public static void MapFiles(IEndpointRouteBuilder group, ExchangePipeline pipeline, FileRoutes files, string uploadPath = "")
    {
        group.MapPost(uploadPath, pipeline.Run(EmulatorOperation.UploadFile, files.UploadAsync));
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
