using Microsoft.Extensions.Time.Testing;
using Offpeak.Conformance.Subjects;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Support;

/// <summary>A provider that talks over HTTP to an emulator of its own, on a clock that only the test moves.</summary>
public abstract class ProviderSuite<TSubject> : IAsyncLifetime
    where TSubject : ProviderSubject, new()
{
    protected const string Key = "sk-canary-0123456789abcdef";

    /// <summary>Stands in every answer, and may stand in no error.</summary>
    protected const string Canary = "Quokka";

    protected static readonly SubmissionKey Submitted = new("op-conformance");

    private static readonly EmulatorOptions Slow = new()
    {
        ValidatingDuration = TimeSpan.FromMinutes(1),
        BatchDuration = TimeSpan.FromMinutes(100),
        FinalizingDuration = TimeSpan.FromMinutes(1),
        CancellingDuration = TimeSpan.FromMinutes(5),
    };

    protected TSubject Subject { get; } = new();

    private protected FakeTimeProvider Clock { get; private set; } = null!;

    private protected EmulatorServer Emulator { get; private set; } = null!;

    private protected IBatchProvider Provider { get; set; } = null!;

    private protected EngineSteps Engine => new(Provider, Clock);

    public async ValueTask InitializeAsync() => await RestartAsync();

    public async ValueTask DisposeAsync()
    {
        await Emulator.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new emulator, clock and provider.</summary>
    protected async Task RestartAsync()
    {
        if (Emulator is not null)
            await Emulator.DisposeAsync();
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Emulator = await EmulatorServer.StartAsync(Slow with { TimeProvider = Clock, ApiKey = Key });
        Emulator.Answers = request => EmulatedAnswer.Say($"{Canary} {request.CustomId}");
        Provider = Subject.Make(Emulator, Clock, Key);
    }

    private protected MemorySubmission Shard(int entries, SubmissionKey? key = null) => MemorySubmission.Of(
        key ?? Submitted, Subject.Model, Subject.Endpoint, entries, number => Subject.Body(Provider, $"Question {number:D6}"));

    private protected async Task<ProviderBatchRef> SubmitAsync(int entries, SubmissionKey? key = null) => await SubmitAsync(Shard(entries, key));

    private protected async Task<ProviderBatchRef> SubmitAsync(MemorySubmission submission)
    {
        var receipt = await Provider.SubmitAsync(submission, default);
        return submission.At(receipt.ProviderBatchId);
    }

    /// <summary>Lets time pass until the batch is over, and remembers what the provider asked to be remembered.</summary>
    private protected async Task<ProviderBatchRef> EndAsync(ProviderBatchRef batch, ProviderBatchState expected = ProviderBatchState.Ended)
    {
        Clock.Advance(TimeSpan.FromHours(3));
        var snapshot = await Provider.GetStatusAsync(batch, default);
        Assert.Equal(expected, snapshot.State);
        Assert.True(snapshot.ResultsReady);
        return Remember(batch, snapshot);
    }

    private protected static ProviderBatchRef Remember(ProviderBatchRef batch, ProviderSnapshot snapshot) =>
        snapshot.Journal is { } state ? batch with { Journal = state } : batch;

    private protected async Task<List<ProviderResult>> ReadAsync(ProviderBatchRef batch) =>
        await Provider.ReadResultsAsync(batch, default).ToListAsync();

    /// <summary>Submits, waits for the end and reads, with these faults.</summary>
    private protected async Task<List<ProviderResult>> RunAsync(int entries, params Fault[] faults)
    {
        Emulator.Faults.Add(faults);
        return await ReadAsync(await EndAsync(await SubmitAsync(entries)));
    }

    /// <summary>The answer belongs to its id, and a line that cannot be read gives nothing of itself away.</summary>
    private protected void AssertHonest(ProviderResult result)
    {
        Assert.True(result.Line > 0);
        if (result.Kind == ProviderResultKind.Succeeded)
            Assert.Equal($"{Canary} {result.WireId}", Provider.Codec.ReadText(Subject.Endpoint, result.Body.Span));
        if (result.Kind != ProviderResultKind.Malformed)
            return;
        Assert.Null(result.WireId);
        Assert.True(result.Body.IsEmpty);
        Assert.DoesNotContain(Canary, $"{result.ErrorCode} {result.ErrorMessage} {result.FinishReason} {result.Model}");
        Assert.DoesNotContain(Submitted.Value, $"{result.ErrorCode} {result.ErrorMessage} {result.FinishReason} {result.Model}");
    }

    private protected static async Task<ProviderException> FailureAsync(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString());
        Assert.DoesNotContain(Canary, failure.ToString());
        Assert.DoesNotContain("Question", failure.ToString());
        Assert.InRange(failure.Message.Length, 10, 500);
        return failure;
    }

    private protected List<EmulatorOperation> CallsSince(int before) => [.. Emulator.Requests.Skip(before).Select(request => request.Operation)];
}
