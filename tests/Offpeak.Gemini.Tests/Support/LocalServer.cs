using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Offpeak.Gemini.Tests.Support;

/// <summary>A server on a free loopback port, for what only a real connection shows.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private LocalServer(WebApplication app) => this.app = app;

    public ConcurrentQueue<WireCall> Calls { get; } = new();

    public string Url => app.Urls.First();

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
            var call = new WireCall(
                context.Request.Method, context.Request.Path + context.Request.QueryString, body.ToArray(),
                context.Request.ContentLength, context.Request.ContentType, Headers: null);
            server.Calls.Enqueue(call);
            await answer(context, call);
        });
        await server.app.StartAsync();
        return server;
    }

    public static Task WriteJsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
