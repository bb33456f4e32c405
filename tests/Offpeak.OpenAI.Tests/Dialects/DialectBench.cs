using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests.Dialects;

/// <summary>A provider of one dialect and the emulator's server for it, on one clock.</summary>
internal sealed class DialectBench : IAsyncDisposable
{
    private DialectBench(FakeTimeProvider time, EmulatorServer emulator, string name, Action<OpenAIOptions>? configure)
    {
        Time = time;
        Emulator = emulator;
        Provider = new OpenAIBatchProvider(OptionsOf(name, configure), time);
    }

    public FakeTimeProvider Time { get; }

    public EmulatorServer Emulator { get; }

    public OpenAIBatchProvider Provider { get; }

    /// <param name="name">A ready-made name, or <c>azure-dated</c> for Azure's older addresses.</param>
    /// <param name="configure">Further settings.</param>
    public static async Task<DialectBench> StartAsync(string name, Action<OpenAIOptions>? configure = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var emulator = await EmulatorServer.StartAsync(new EmulatorOptions { TimeProvider = time, ApiKey = Make.Key });
        return new DialectBench(time, emulator, name, configure);
    }

    public static MemorySubmission Shard(OpenAIBatchProvider provider, int entries, string key = "op-test", string model = "m")
    {
        var body = Encoding.UTF8.GetString(provider.Codec.Encode(model, BatchEndpoint.Chat, [new(ChatRole.User, "hello")], new() { MaxOutputTokens = 9 }));
        return MemorySubmission.Of(new SubmissionKey(key), model, [.. Enumerable.Repeat(body, entries)]);
    }

    public async Task<ProviderBatchRef> SubmitAsync(int entries, string key = "op-test") => await SubmitAsync(Shard(Provider, entries, key, "gpt-test"));

    public async Task<ProviderBatchRef> SubmitAsync(MemorySubmission shard)
    {
        var receipt = await Provider.SubmitAsync(shard, default);
        return shard.At(receipt.ProviderBatchId);
    }

    public Task<FindResult> FindAsync(MemorySubmission shard) => Provider.FindAsync(shard.Since(Time.GetUtcNow().AddHours(-1)), default);

    public async Task<ProviderBatchRef> EndAsync(ProviderBatchRef batch, ProviderBatchState expected = ProviderBatchState.Ended)
    {
        Time.Advance(TimeSpan.FromMinutes(10));
        var snapshot = await Provider.GetStatusAsync(batch, default);
        Assert.Equal((expected, true, false), (snapshot.State, snapshot.ResultsReady, snapshot.StatusIsUnknown));
        return batch with { Journal = snapshot.Journal! };
    }

    public async Task<List<ProviderResult>> ResultsAsync(ProviderBatchRef batch) => await Provider.ReadResultsAsync(batch, default).ToListAsync();

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();

    private OpenAIOptions OptionsOf(string name, Action<OpenAIOptions>? configure)
    {
        var (dialect, url) = name switch
        {
            "azure" or "azure-dated" => (ServerDialect.Azure, Emulator.AzureEndpoint),
            "groq" => (ServerDialect.Groq, Emulator.GroqBaseUrl),
            "together" => (ServerDialect.Together, Emulator.TogetherBaseUrl),
            "mistral" => (ServerDialect.Mistral, Emulator.MistralBaseUrl),
            "openrouter" => (ServerDialect.OpenRouter, Emulator.OpenRouterBaseUrl),
            _ => (ServerDialect.OpenAI, Emulator.OpenAIBaseUrl),
        };
        var options = new OpenAIOptions
        {
            Name = name,
            Dialect = dialect,
            BaseUrl = url.ToString(),
            ApiKey = Make.Key,
            FileReadyInterval = TimeSpan.Zero,
            ApiVersion = name == "azure-dated" ? "2024-10-21" : null,
        };
        configure?.Invoke(options);
        return options;
    }
}
