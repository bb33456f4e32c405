using Microsoft.AspNetCore.Builder;
using Offpeak.Testing.Compatible;
using Offpeak.Testing.OpenAI;

namespace Offpeak.Testing;

/// <summary>OpenAI's files, batches and synchronous endpoints under <c>/v1</c>.</summary>
public sealed record EmulatedOpenAI : EmulatedProvider
{
    /// <summary>How the routes deviate from OpenAI's own API. Default: not at all.</summary>
    public OpenAIDialect Dialect { get; init; } = new();

    internal override void Map(WebApplication app, EmulatorState state)
    {
        OpenAIRoutes.Map(app, state, new ServerFlavor("openai", "/v1") { Dialect = Dialect, FileList = Dialect.ListWrapper });
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state));
        app.MapFallback("{**path}", pipeline.Run(EmulatorOperation.Unknown, context => Task.FromResult(
            OpenAIRefusals.Reply(404, $"Invalid URL ({context.Request.Method} {context.Request.Path})"))));
    }
}
