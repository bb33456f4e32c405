using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Offpeak.TestKit;

/// <summary>A server on a free loopback port, for what only a real connection shows.</summary>
public sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private LocalServer(WebApplication app) => this.app = app;

    /// <summary>What was sent, oldest first.</summary>
    public ConcurrentQueue<WireCall> Calls { get; } = new();

    /// <summary>Where it listens.</summary>
    public string Url => app.Urls.First();

    /// <summary>Starts a server that answers by a function.</summary>
    public static async Task<LocalServer> StartAsync(Func<HttpContext, WireCall, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new LocalServer(builder.Build());
        server.app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var call = new WireCall(
                context.Request.Method, context.Request.Path + context.Request.QueryString, body.ToArray(),
                context.Request.ContentLength, context.Request.ContentType, headers.GetValueOrDefault);
            server.Calls.Enqueue(call);
            await answer(context, call);
        });
        await server.app.StartAsync();
        return server;
    }

    /// <summary>Answers with JSON.</summary>
    public static Task WriteJsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();
}
