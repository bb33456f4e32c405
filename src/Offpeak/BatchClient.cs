using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Policies;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>The public door: make a batch, add entries, submit it once, look at it, cancel it, ask again what failed.</summary>
public sealed class BatchClient
{
    private const int AddChunkSize = 1_000;
    private const int AddChunkBytes = 8_000_000;

    private readonly FlowContext flow;
    private readonly DescribeBatch describe;
    private readonly SealBatch seal;
    private readonly CancelBatch cancel;
    private readonly RetryBatch retry;
    private readonly SubmitSignal submitSignal;
    private readonly EntryReader reader;

    internal BatchClient(
        FlowContext flow, DescribeBatch describe, SealBatch seal, CancelBatch cancel, RetryBatch retry, SubmitSignal submitSignal, EntryReader reader)
    {
        this.flow = flow;
        this.describe = describe;
        this.seal = seal;
        this.cancel = cancel;
        this.retry = retry;
        this.submitSignal = submitSignal;
        this.reader = reader;
    }

    /// <summary>Makes an empty batch. Nothing is sent before <see cref="SubmitAsync"/>.</summary>
    /// <exception cref="OffpeakException">The model is not <c>provider/model</c>, or the provider is not registered or does not batch the endpoint.</exception>
    public async Task<Batch> CreateAsync(NewBatch description, CancellationToken cancellationToken = default)
    {
        var batch = describe.Run(description);
        await flow.Batches.CreateAsync(batch, cancellationToken);
        return batch;
    }

    /// <summary>Adds entries, in chunks that are each durable when the next begins. Memory stays bounded however many there are.</summary>
    /// <exception cref="OffpeakException">
    /// The batch was already submitted, a custom id is empty or taken, or an entry is too large or cannot be encoded.
    /// </exception>
    public async Task AddEntriesAsync(long batchId, IAsyncEnumerable<NewEntry> entries, CancellationToken cancellationToken = default)
    {
        var batch = await flow.Batches.GetAsync(batchId, cancellationToken);
        var fallback = batch.FallbackModel is { } other ? flow.Providers.Get(ModelName.Split(other).Provider) : null;
        var encoder = new EntryEncoder(batch, flow.Providers.Get(batch.Provider), fallback);
        var chunk = new List<NewEntryRow>(AddChunkSize);
        long bytes = 0;
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            var row = encoder.Encode(entry);
            chunk.Add(row);
            bytes += row.Body.Length;
            if (chunk.Count < AddChunkSize && bytes < AddChunkBytes)
                continue;
            await AddChunkAsync(batchId, chunk, cancellationToken);
            (chunk, bytes) = (new List<NewEntryRow>(AddChunkSize), 0);
        }

        if (chunk.Count > 0)
            await AddChunkAsync(batchId, chunk, cancellationToken);
    }

    /// <inheritdoc cref="AddEntriesAsync(long, IAsyncEnumerable{NewEntry}, CancellationToken)"/>
    public Task AddEntriesAsync(long batchId, IEnumerable<NewEntry> entries, CancellationToken cancellationToken = default) =>
        AddEntriesAsync(batchId, entries.ToAsyncEnumerable(), cancellationToken);

    /// <summary>
    /// Submits a batch, once. When this returns the submit is durable; the calls to the provider follow, in this process or another.
    /// </summary>
    /// <exception cref="OffpeakException">The batch is empty, was already submitted, or does not exist.</exception>
    public async Task SubmitAsync(long batchId, CancellationToken cancellationToken = default)
    {
        await seal.RunAsync(batchId, cancellationToken);
        submitSignal.Set();
    }

    /// <summary>Asks for cancellation. What was answered before is kept; the batch becomes terminal when the provider has confirmed.</summary>
    /// <exception cref="OffpeakException">The batch is already terminal or does not exist.</exception>
    public Task CancelAsync(long batchId, CancellationToken cancellationToken = default) => cancel.RunAsync(batchId, cancellationToken);

    /// <summary>
    /// Asks again for every entry of a terminal batch that was not answered, in a new round. On a running batch: releases provider batches
    /// whose fate is unclear to be submitted again, which may pay twice, and a parked handler to be run again.
    /// </summary>
    /// <returns>Number of entries, provider batches and handlers that were released; 0 if there was nothing to do.</returns>
    /// <exception cref="OffpeakException">The batch was never submitted or does not exist.</exception>
    public async Task<int> RetryAsync(long batchId, CancellationToken cancellationToken = default)
    {
        var released = await retry.RunAsync(batchId, cancellationToken);
        submitSignal.Set();
        return released;
    }

    /// <summary>A batch, or null.</summary>
    public Task<Batch?> FindAsync(long batchId, CancellationToken cancellationToken = default) => flow.Batches.FindAsync(batchId, cancellationToken);

    /// <summary>The batch with an input key, or null.</summary>
    public Task<Batch?> FindByInputKeyAsync(string inputKey, CancellationToken cancellationToken = default) =>
        flow.Batches.FindByInputKeyAsync(inputKey, cancellationToken);

    /// <summary>A batch with its provider batches and counts.</summary>
    /// <exception cref="OffpeakException">It does not exist.</exception>
    public async Task<BatchDetails> GetDetailsAsync(long batchId, CancellationToken cancellationToken = default)
    {
        var batch = await flow.Batches.GetAsync(batchId, cancellationToken);
        return new BatchDetails(
            batch, await flow.Shards.ListAsync(batchId, cancellationToken), await flow.Entries.CountAsync(batchId, cancellationToken));
    }

    /// <summary>Batches from the newest to the oldest.</summary>
    /// <param name="limit">How many at most, 1 to 10,000.</param>
    /// <param name="before">Only batches with a smaller id, for paging; null starts with the newest.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<Batch>> ListAsync(int limit = 100, long? before = null, CancellationToken cancellationToken = default) =>
        await flow.Batches.ListAsync(Math.Clamp(limit, 1, 10_000), before, cancellationToken);

    /// <summary>Streams a batch's entries with their answers, in input order.</summary>
    /// <exception cref="OffpeakException">The batch does not exist.</exception>
    public async IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(
        long batchId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var batch = await flow.Batches.GetAsync(batchId, cancellationToken);
        await foreach (var entry in reader.ReadAsync(batch, cancellationToken))
            yield return entry;
    }

    private async Task AddChunkAsync(long batchId, List<NewEntryRow> chunk, CancellationToken ct)
    {
        await flow.Entries.AddAsync(batchId, chunk, ct);
        flow.Probe.Reached(FlowPoint.EntriesAdded);
    }
}
