using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Tests.Fixture;

/// <summary>A provider in memory. Each call runs a hook first, which may throw, wait, or answer in its place.</summary>
internal sealed class FakeProvider(string name = "fake") : IBatchProvider
{
    private readonly ConcurrentQueue<FakeBatch> batches = new();
    private int statusReads;
    private int finds;

    public string Name => name;

    public ProviderCapabilities Capabilities { get; set; } = new();

    public IEntryCodec Codec { get; set; } = new FakeCodec();

    public string? KeyFingerprint { get; set; } = "fp-1";

    public IReadOnlyList<FakeBatch> Batches => [.. batches];

    public FakeBatch Only => batches.Single();

    public ConcurrentQueue<string> Canceled { get; } = new();

    public ConcurrentQueue<string> CleanedUp { get; } = new();

    /// <summary>Keys of what was begun and never finished, and was to be deleted.</summary>
    public ConcurrentQueue<string> Abandoned { get; } = new();

    public int StatusReads => statusReads;

    public int Finds => finds;

    public int ResultReads { get; private set; }

    /// <summary>Whether it writes down a file before the create call, as providers with files do.</summary>
    public bool Journals { get; set; } = true;

    /// <summary>Runs before the create call; throwing means that nothing was created.</summary>
    public Func<Submission, Task>? BeforeCreate { get; set; }

    /// <summary>Runs after the batch exists; throwing means that the reply was lost.</summary>
    public Func<FakeBatch, Task>? AfterCreate { get; set; }

    public Func<FindRequest, FindResult>? OnFind { get; set; }

    public Func<FakeBatch, Task<ProviderSnapshot>>? OnStatus { get; set; }

    public Func<FakeBatch, IEnumerable<ProviderResult>>? OnResults { get; set; }

    /// <summary>Runs in the middle of a reading of results, after each of them.</summary>
    public Func<int, Task>? AfterResult { get; set; }

    public Func<ProviderBatchRef, Task>? OnCancel { get; set; }

    public Func<ProviderBatchRef, Task>? OnCleanUp { get; set; }

    public Func<FindRequest, Task>? OnAbandon { get; set; }

    public Func<FakeEntry, ProviderResult?> Answer { get; set; } = Results.Ok;

    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        var entries = new List<FakeEntry>();
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
            entries.Add(new FakeEntry(entry.WireId, Encoding.UTF8.GetString(entry.Body.Span)));
        if (Journals)
            await submission.JournalAsync("file", "file-" + submission.Key.Value, cancellationToken);

        await submission.BeginCreateAsync(cancellationToken);
        if (BeforeCreate is not null)
            await BeforeCreate(submission);
        var batch = Add(submission.Key.Value, submission.Model, entries);
        if (AfterCreate is not null)
            await AfterCreate(batch);
        return new ProviderReceipt(batch.Id, new ProviderStatus("validating"));
    }

    public FakeBatch Add(string key, string model, IReadOnlyList<FakeEntry> entries)
    {
        var batch = new FakeBatch { Id = $"pb-{batches.Count + 1}", Key = key, Model = model, Entries = entries };
        batches.Enqueue(batch);
        return batch;
    }

    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref finds);
        if (OnFind is not null)
            return Task.FromResult(OnFind(request));
        var ids = batches.Where(batch => batch.Key == request.Key.Value).Select(batch => batch.Id).ToList();
        return Task.FromResult(ids.Count > 0 ? FindResult.Found(ids) : FindResult.Absent);
    }

    public async Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref statusReads);
        var held = Held(batch);
        var snapshot = OnStatus is null ? held.Snapshot : await OnStatus(held);
        held.HadNoRoom = snapshot.Failure?.Class == ProviderErrorClass.Capacity;
        return snapshot;
    }

    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ResultReads++;
        var held = Held(batch);
        var lines = OnResults is null ? held.Entries.Select(held.Answer ?? (held.HadNoRoom ? _ => null : Answer)).OfType<ProviderResult>() : OnResults(held);
        var count = 0;
        foreach (var line in lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return line;
            if (AfterResult is not null)
                await AfterResult(++count);
        }
    }

    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        Canceled.Enqueue(batch.ProviderBatchId);
        if (OnCancel is not null)
            await OnCancel(batch);
    }

    public async Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        CleanedUp.Enqueue(batch.ProviderBatchId);
        if (OnCleanUp is not null)
            await OnCleanUp(batch);
    }

    public async Task AbandonAsync(FindRequest request, CancellationToken cancellationToken)
    {
        Abandoned.Enqueue(request.Key.Value);
        if (OnAbandon is not null)
            await OnAbandon(request);
    }

    /// <summary>Moves every batch to a state.</summary>
    public void Set(ProviderBatchState state, ProviderFailure? failure = null)
    {
        foreach (var batch in batches)
            batch.Snapshot = new() { State = state, Status = new(state.ToString()), Failure = failure };
    }

    private FakeBatch Held(ProviderBatchRef batch) => batches.FirstOrDefault(held => held.Id == batch.ProviderBatchId)
        ?? throw Fault.NotFound();
}
