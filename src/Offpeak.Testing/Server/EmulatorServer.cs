using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Offpeak.Testing;

/// <summary>
/// A local server that speaks the providers' batch APIs: files, batches, results and the synchronous calls, with
/// deterministic answers and scripted faults. All data lives in a temporary folder that is deleted on dispose.
/// </summary>
public sealed class EmulatorServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly EmulatorState state;

    private EmulatorServer(WebApplication app, EmulatorState state)
    {
        this.app = app;
        this.state = state;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        BaseAddress = new Uri(addresses.Addresses.Single());
    }

    /// <summary>Root of the server, such as <c>http://127.0.0.1:4100/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>What an OpenAI client takes as its base URL (<c>OPENAI_BASE_URL</c>): the root plus <c>/v1</c>.</summary>
    public Uri OpenAIBaseUrl => new(BaseAddress, "v1");

    /// <summary>What an Anthropic client takes as its base URL (<c>ANTHROPIC_BASE_URL</c>): the root.</summary>
    public Uri AnthropicBaseUrl => BaseAddress;

    /// <summary>What a Gemini client takes as its base URL (<c>GEMINI_BASE_URL</c>): the root.</summary>
    public Uri GeminiBaseUrl => BaseAddress;

    /// <summary>What an xAI client takes as its base URL (<c>XAI_BASE_URL</c>).</summary>
    public Uri XAIBaseUrl => new(BaseAddress, "xai/v1");

    /// <summary>What an Azure OpenAI client takes as its endpoint (<c>AZURE_OPENAI_ENDPOINT</c>).</summary>
    public Uri AzureEndpoint => new(BaseAddress, "azure");

    /// <summary>What a Groq client takes as its base URL (<c>GROQ_BASE_URL</c>).</summary>
    public Uri GroqBaseUrl => new(BaseAddress, "groq/openai/v1");

    /// <summary>What a Together client takes as its base URL (<c>TOGETHER_BASE_URL</c>).</summary>
    public Uri TogetherBaseUrl => new(BaseAddress, "together/v1");

    /// <summary>What a Mistral client takes as its base URL (<c>MISTRAL_BASE_URL</c>).</summary>
    public Uri MistralBaseUrl => new(BaseAddress, "mistral/v1");

    /// <summary>What an OpenRouter client takes as its base URL (<c>OPENROUTER_BASE_URL</c>).</summary>
    public Uri OpenRouterBaseUrl => new(BaseAddress, "openrouter/api/v1");

    /// <summary>The faults to come; may be changed at any time.</summary>
    public FaultScript Faults => state.Faults;

    /// <summary>
    /// Chooses answers: called for each model request, from several threads at once; null leaves the answer to the emulator.
    /// The requests of a batch are answered soon after its creation, also those that a later cancel throws away.
    /// </summary>
    public Func<EmulatedRequest, EmulatedAnswer?>? Answers
    {
        get => state.Answers;
        set => state.Answers = value;
    }

    /// <summary>All calls so far, oldest first.</summary>
    public IReadOnlyList<LoggedRequest> Requests => state.Log.Snapshot();

    /// <summary>How many create-batch calls have arrived, whether or not they made a batch.</summary>
    public int CreateCalls => Requests.Count(request => request.Operation == EmulatorOperation.CreateBatch);

    /// <summary>All batches ever made, oldest first, including those that retention hides from clients.</summary>
    public IReadOnlyList<EmulatedBatch> Batches => state.Batches.Snapshot();

    /// <summary>All files that exist now, oldest first.</summary>
    public IReadOnlyList<EmulatedFile> Files => state.Files.Snapshot();

    internal string DataFolder => state.Files.Folder;

    /// <summary>Starts a server on the loopback interface.</summary>
    /// <param name="options">How it behaves; null takes the defaults.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EmulatorServer> StartAsync(EmulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmulatorOptions();
        var state = new EmulatorState(options);
        var app = Build(options.Port);
        foreach (var provider in StandardProviders.With(options.Providers))
            provider.Map(app, state);
        try
        {
            await app.StartAsync(cancellationToken);
            return new EmulatorServer(app, state);
        }
        catch
        {
            await app.DisposeAsync();
            state.Dispose();
            throw;
        }
    }

    /// <summary>Starts a server and runs it until the token is cancelled; then stops it and deletes its data.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="started">Told the running server, so that its address can be shown.</param>
    /// <param name="cancellationToken">Ends the run; not an error.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task RunAsync(EmulatorOptions options, Action<EmulatorServer> started, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(started);
        await using var server = await StartAsync(options, cancellationToken);
        started(server);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops the server at once and deletes its temporary files.</summary>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
        state.Dispose();
    }

    // The empty builder reads no configuration, so ASPNETCORE_* variables and a host's appsettings cannot bend the emulator.
    private static WebApplication Build(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        return builder.Build();
    }
}
