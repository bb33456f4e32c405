using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Offpeak.Testing.Compatible;

/// <summary>What servers share whose files and synchronous endpoints are OpenAI's, whatever their batches are.</summary>
internal static class CompatibleRoutes
{
    public static void MapGenerate(WebApplication app, ExchangePipeline pipeline, OpenAIAnswerer answerer, string root)
    {
        if (!root.EndsWith("/v1", StringComparison.Ordinal))
            return;
        var prefix = root[..^"/v1".Length];
        var generate = new GenerateRoute(answerer, prefix);
        foreach (var endpoint in OpenAIEndpoints.Answered)
            app.MapPost(prefix + endpoint, pipeline.Run(EmulatorOperation.Generate, generate.AnswerAsync));
    }

    public static void MapFiles(IEndpointRouteBuilder group, ExchangePipeline pipeline, OpenAIFileRoutes files, string uploadPath = "")
    {
        group.MapPost(uploadPath, pipeline.Run(EmulatorOperation.UploadFile, files.UploadAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListFiles, context => Task.FromResult(files.List(context))));
        group.MapGet("{fileId}", pipeline.Run(EmulatorOperation.GetFile, context => Task.FromResult(files.Get(context))));
        group.MapDelete("{fileId}", pipeline.Run(EmulatorOperation.DeleteFile, context => Task.FromResult(files.Delete(context))));
        group.MapGet("{fileId}/content", pipeline.Run(EmulatorOperation.DownloadFile, context => Task.FromResult(files.Download(context))));
    }
}
