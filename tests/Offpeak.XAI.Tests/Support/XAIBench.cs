using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.XAI.Tests.Support;

/// <summary>The provider and the emulator on one clock that only the test moves.</summary>
internal sealed class XAIBench : IAsyncDisposable
{
    public const string Key = "xai-canary-0123456789abcdef";

    private XAIBench(FakeTimeProvider time, EmulatorServer emulator, Action<XAIOptions>? configure)
    {
        Time = time;
        Emulator = emulator;
        Provider = NewProvider(configure);
    }

    public FakeTimeProvider Time { get; }

    public EmulatorServer Emulator { get; }

    public XAIBatchProvider Provider { get; }

    public static async Task<XAIBench> StartAsync(Action<XAIOptions>? configure = null, EmulatorOptions? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var emulator = await EmulatorServer.StartAsync((options ?? new EmulatorOptions()) with { TimeProvider = time, ApiKey = Key });
        return new XAIBench(time, emulator, configure);
    }

    public XAIBatchProvider NewProvider(Action<XAIOptions>? configure = null)
    {
        var options = new XAIOptions { ApiKey = Key, BaseUrl = Emulator.XAIBaseUrl.ToString() };
        configure?.Invoke(options);
        return new XAIBatchProvider(options, Time);
    }

    public static MemorySubmission Shard(int entries, string key = "op-test", BatchEndpoint? endpoint = null)
    {
        var kind = endpoint ?? BatchEndpoint.Chat;
        var body = new XAICodec().Encode("grok-test", kind, [new(ChatRole.User, "hello")]);
        return MemorySubmission.Of(new SubmissionKey(key), "grok-test", kind, entries, _ => body);
    }

    /// <summary>A batch that no server knows.</summary>
    public static ProviderBatchRef Ref(int entries) => new()
    {
        ProviderBatchId = "b",
        Key = new SubmissionKey("op"),
        Model = "m",
        Endpoint = BatchEndpoint.Chat,
        EntryCount = entries,
    };

    /// <summary>Submits a shard of its own and returns the batch.</summary>
    public async Task<ProviderBatchRef> SubmitAsync(int entries, string key = "op-test", BatchEndpoint? endpoint = null)
    {
        var shard = Shard(entries, key, endpoint);
        var receipt = await Provider.SubmitAsync(shard, default);
        // Keeps the test within the two creations a second that the provider allows itself.
        Time.Advance(TimeSpan.FromSeconds(1));
        return shard.At(receipt.ProviderBatchId);
    }

    public Task<FindResult> FindAsync(MemorySubmission shard) =>
        Provider.FindAsync(shard.Since(Time.GetUtcNow().AddHours(-1)), default);

    public async Task<ProviderSnapshot> EndAsync(ProviderBatchRef batch, ProviderBatchState expected = ProviderBatchState.Ended)
    {
        Time.Advance(TimeSpan.FromMinutes(10));
        var end = await Provider.GetStatusAsync(batch, default);
        Assert.Equal(expected, end.State);
        return end;
    }

    public async Task<List<ProviderResult>> ResultsAsync(ProviderBatchRef batch) => await Provider.ReadResultsAsync(batch, default).ToListAsync();

    public int Calls(EmulatorOperation operation) => Emulator.Requests.Count(request => request.Operation == operation);

    public static async Task<ProviderException> Failure(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString());
        Assert.InRange(failure.Message.Length, 1, 500);
        return failure;
    }

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();
}
