using System.Data.Common;
using System.Runtime.CompilerServices;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Flow;
using Offpeak.Storage;
using Offpeak.Work;

namespace Offpeak;

/// <summary>
/// The public door: make a batch, add entries, submit it once, watch it, read its answers, cancel it, ask again for what failed. All members
/// may be called concurrently, from any number of processes on the same database. Members are virtual, so that a test can replace them.
/// </summary>
/// <example>
/// <code>
/// var batch = await client.CreateAsync(new NewBatch("openai/gpt-5-nano"));
/// await client.AddEntriesAsync(batch.Id, texts.Select((text, i) => NewEntry.FromPrompt($"{i}", text)));
/// await client.SubmitAsync(batch.Id);
/// await client.WaitAsync(batch.Id);
/// await foreach (var entry in client.ReadEntriesAsync(batch.Id))
///     Console.WriteLine(entry.Text);
/// </code>
/// </example>
public class BatchClient
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly FlowContext flow = null!;
    private readonly BatchSteps steps = null!;

    /// <summary>For tests that derive a double; its members do nothing useful until they are overridden.</summary>
    protected BatchClient()
    {
    }

    internal BatchClient(FlowContext flow, BatchSteps steps) => (this.flow, this.steps) = (flow, steps);

    /// <summary>Makes an empty batch. Nothing is sent before <see cref="SubmitAsync"/>.</summary>
    /// <exception cref="OffpeakException">
    /// The model is not <c>provider/model</c>, the provider is not registered or does not batch the endpoint, or another batch has the input key
    /// (<see cref="OffpeakErrorCode.InputKeyTaken"/>).
    /// </exception>
    public virtual async Task<BatchInfo> CreateAsync(NewBatch description, CancellationToken cancellationToken = default) =>
        new(await steps.Make.RunAsync(description, flow.Store, cancellationToken));

    /// <summary>The batch with the input key of the description, or a new one: of any number of callers at once, one makes it.</summary>
    /// <exception cref="ArgumentException">The description has no input key.</exception>
    /// <exception cref="OffpeakException">As <see cref="CreateAsync"/>.</exception>
    public virtual async Task<BatchInfo> GetOrCreateAsync(NewBatch description, CancellationToken cancellationToken = default)
    {
        var key = description.InputKey ?? throw new ArgumentException("An input key is needed to recognise the batch.", nameof(description));
        while (true)
        {
            if (await flow.Store.FindBatchByInputKeyAsync(key, cancellationToken) is { } known)
                return new BatchInfo(known);

            if (await flow.Store.TryCreateBatchAsync(steps.Make.Run(description), cancellationToken) is { } made)
                return new BatchInfo(made);
        }
    }

    /// <summary>Adds entries, in chunks that are each durable when the next begins. Memory stays bounded however many there are.</summary>
    /// <exception cref="OffpeakException">
    /// The batch was already submitted, a custom id is empty or taken, an entry is too large or cannot be encoded, or its schema cannot be used.
    /// </exception>
    public virtual async Task AddEntriesAsync(long batchId, IAsyncEnumerable<NewEntry> entries, CancellationToken cancellationToken = default) =>
        await steps.Add.RunAsync(batchId, entries, cancellationToken);

    /// <inheritdoc cref="AddEntriesAsync(long, IAsyncEnumerable{NewEntry}, CancellationToken)"/>
    public virtual Task AddEntriesAsync(long batchId, IEnumerable<NewEntry> entries, CancellationToken cancellationToken = default) =>
        AddEntriesAsync(batchId, entries.ToAsyncEnumerable(), cancellationToken);

    /// <summary>
    /// Submits a batch, once. When this returns the submit is durable; the calls to the provider follow, in this process or another.
    /// </summary>
    /// <exception cref="OffpeakException">The batch is empty, over its budget, was already submitted, or does not exist.</exception>
    public virtual async Task SubmitAsync(long batchId, CancellationToken cancellationToken = default) =>
        await EnqueueAsync(await steps.Submit.RunAsync(batchId, cancellationToken), batchId);

    /// <summary>What a batch would send and cost. Nothing is stored or sent.</summary>
    /// <exception cref="OffpeakException">The description or an entry is not acceptable.</exception>
    public virtual Task<CostEstimate> EstimateAsync(
        NewBatch description, IAsyncEnumerable<NewEntry> entries, CancellationToken cancellationToken = default) =>
        steps.Estimate.RunAsync(description, entries, cancellationToken);

    /// <summary>A batch with its shards and the counts of its entries, counted now.</summary>
    /// <exception cref="OffpeakException">It does not exist (<see cref="OffpeakErrorCode.BatchNotFound"/>).</exception>
    public virtual async Task<BatchDetails> GetAsync(long batchId, CancellationToken cancellationToken = default)
    {
        var batch = await flow.GetBatchAsync(batchId, cancellationToken);
        var shards = await flow.Store.ListShardsAsync(batchId, cancellationToken);
        return new BatchDetails(
            new BatchInfo(batch), [.. shards.Select(shard => new ShardInfo(shard))], await flow.Store.CountEntriesAsync(batchId, cancellationToken));
    }

    /// <summary>A batch, or null if there is none or it is being deleted.</summary>
    public virtual async Task<BatchInfo?> FindAsync(long batchId, CancellationToken cancellationToken = default) =>
        await flow.Store.FindBatchAsync(batchId, cancellationToken) is { Step: not BatchStep.Delete } batch ? new BatchInfo(batch) : null;

    /// <summary>The batch with an input key, or null.</summary>
    public virtual async Task<BatchInfo?> FindByInputKeyAsync(string inputKey, CancellationToken cancellationToken = default) =>
        await flow.Store.FindBatchByInputKeyAsync(inputKey, cancellationToken) is { } batch ? new BatchInfo(batch) : null;

    /// <summary>Takes an input key away from the batch that has it, so that a new batch can have it. Does nothing if none has.</summary>
    public virtual Task ReleaseInputKeyAsync(string inputKey, CancellationToken cancellationToken = default) =>
        flow.Store.ReleaseInputKeyAsync(inputKey, cancellationToken);

    /// <summary>Batches from the newest to the oldest.</summary>
    /// <param name="limit">How many at most, 1 to 10,000.</param>
    /// <param name="before">Only batches with a smaller id, for paging; null starts with the newest.</param>
    /// <param name="status">Only batches of this status; null: all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public virtual async Task<IReadOnlyList<BatchInfo>> ListAsync(
        int limit = 100, long? before = null, BatchStatus? status = null, CancellationToken cancellationToken = default)
    {
        var rows = await flow.Store.ListBatchesAsync(new BatchQuery(Math.Clamp(limit, 1, 10_000), before, status), cancellationToken);
        return [.. rows.Select(row => new BatchInfo(row))];
    }

    /// <summary>How far a batch is: now, and whenever that changes, until it is terminal. Looks into the database once a second.</summary>
    /// <exception cref="OffpeakException">It does not exist.</exception>
    public virtual async IAsyncEnumerable<BatchProgress> WatchAsync(
        long batchId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (BatchProgress? last = null; ; await Task.Delay(WatchInterval, flow.Time, cancellationToken))
        {
            var shards = await flow.Store.ListShardsAsync(batchId, cancellationToken);
            var progress = BatchProgress.Of(await flow.GetBatchAsync(batchId, cancellationToken), shards);
            if (progress != last)
                yield return last = progress;

            if (progress.Status.IsTerminal())
                yield break;
        }
    }

    /// <summary>Waits until a batch is terminal; another part of this process, or another process, does the work.</summary>
    /// <exception cref="OffpeakException">It does not exist.</exception>
    public virtual async Task<BatchInfo> WaitAsync(long batchId, CancellationToken cancellationToken = default)
    {
        await foreach (var progress in WatchAsync(batchId, cancellationToken))
            _ = progress;

        return new BatchInfo(await flow.GetBatchAsync(batchId, cancellationToken));
    }

    /// <summary>
    /// Takes one batch to its end in the foreground, at the pace of the poll schedule instead of the sweeps' intervals: for programs without
    /// workers. Other workers may be at the same batch.
    /// </summary>
    /// <returns>The batch, terminal, its handler done or parked.</returns>
    /// <exception cref="OffpeakException">
    /// It cannot go on without a person: the key is refused, the provider was never reached, or it has finished and this process does not know its
    /// handler. Nothing is lost; it may be called again.
    /// </exception>
    public virtual async Task<BatchInfo> RunToEndAsync(long batchId, CancellationToken cancellationToken = default) =>
        new(await steps.Drive().RunAsync(batchId, cancellationToken));

    /// <summary>As <see cref="RunToEndAsync"/>, but returns as soon as the providers have accepted every shard of the current round.</summary>
    /// <exception cref="OffpeakException">As <see cref="RunToEndAsync"/>.</exception>
    public virtual async Task<BatchInfo> RunUntilAcceptedAsync(long batchId, CancellationToken cancellationToken = default) =>
        new(await steps.Drive().RunUntilAcceptedAsync(batchId, cancellationToken));

    /// <summary>Streams a batch's entries with their answers, in input order.</summary>
    /// <exception cref="OffpeakException">The batch does not exist, or is deleted before all of them are read.</exception>
    public virtual async IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(
        long batchId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var batch = await flow.GetBatchAsync(batchId, cancellationToken);
        await foreach (var entry in steps.Read.RunAsync(batch, cancellationToken))
            yield return entry;
    }

    /// <summary>Which errors have ended entries of a batch, and how many each, the commonest first; counted now.</summary>
    /// <exception cref="OffpeakException">It does not exist.</exception>
    public virtual async Task<IReadOnlyList<EntryErrorCount>> CountErrorsAsync(long batchId, CancellationToken cancellationToken = default)
    {
        await flow.GetBatchAsync(batchId, cancellationToken);
        return await flow.Store.CountErrorsAsync(batchId, cancellationToken);
    }

    /// <summary>How many answers of a batch were cut off at the limit on output tokens and count as answered all the same; counted now.</summary>
    /// <exception cref="OffpeakException">It does not exist.</exception>
    public virtual async Task<int> CountCutOffAsync(long batchId, CancellationToken cancellationToken = default)
    {
        await flow.GetBatchAsync(batchId, cancellationToken);
        return await flow.Store.CountCutOffAsync(batchId, cancellationToken);
    }

    /// <summary>
    /// Asks for cancellation: what was not sent is cancelled, the provider is asked to stop the rest, and the batch becomes terminal when that is
    /// confirmed. What was answered before is kept.
    /// </summary>
    /// <exception cref="OffpeakException">The batch is already terminal or does not exist.</exception>
    public virtual async Task CancelAsync(long batchId, CancellationToken cancellationToken = default) =>
        await EnqueueAsync(await steps.Cancel.RunAsync(batchId, cancellationToken), batchId);

    /// <summary>
    /// Asks again for every entry of a terminal batch that was not answered, in a new round, after which its handler runs again; where every
    /// entry was answered, runs a handler again that failed or was parked. On a running batch: submits shards again whose fate nobody can
    /// tell, which may pay twice, and those that were begun with a key that is not in use any more.
    /// </summary>
    /// <returns>Number of entries, shards or handlers that were released; 0 if there was nothing to do.</returns>
    /// <exception cref="OffpeakException">The batch was never submitted, does not exist, or its handler is running at this moment.</exception>
    public virtual async Task<int> RetryAsync(long batchId, CancellationToken cancellationToken = default)
    {
        var (released, next) = await steps.Retry.RunAsync(batchId, cancellationToken);
        await EnqueueAsync(next, batchId);
        return released;
    }

    /// <summary>
    /// Decides on a shard whose fate is not known (<see cref="ShardStatus.Unconfirmed"/>); or has one begun afresh, by
    /// <see cref="ShardResolution.Discard"/>, that waits for the key with which it was begun.
    /// </summary>
    /// <exception cref="OffpeakException">There is no such shard, or it needs no decision.</exception>
    public virtual async Task ResolveAsync(long shardId, ShardResolution resolution, CancellationToken cancellationToken = default)
    {
        var (batchId, next) = await steps.Resolve.RunAsync(shardId, resolution, cancellationToken);
        await EnqueueAsync(next, batchId);
    }

    /// <summary>
    /// Gives a batch another budget; null takes it away. Holds for every call that is sent from now on: of a batch that its budget has stopped,
    /// those of a retry.
    /// </summary>
    /// <exception cref="OffpeakException">The batch does not exist, or the price of a model that it has sent is not known.</exception>
    public virtual async Task<BatchInfo> ChangeBudgetAsync(long batchId, decimal? maxCost, CancellationToken cancellationToken = default)
    {
        MakeBatch.CheckBudget(maxCost);
        while (true)
        {
            var batch = await flow.GetBatchAsync(batchId, cancellationToken);
            if (maxCost is not null)
                await steps.Budget.RequirePricesAsync(batch, cancellationToken);

            if (await flow.TryAsync(batch, new BatchChange { MaxCost = maxCost }, cancellationToken) is { } changed)
                return new BatchInfo(changed);
        }
    }

    /// <summary>
    /// Deletes a batch that was never submitted, or that is terminal and whose handler, if any, is done or parked, with its texts. From the
    /// first moment on nobody finds it any more; what an interrupted call leaves is deleted by the next one, or by the resume sweep.
    /// </summary>
    /// <exception cref="OffpeakException">
    /// It is running, its handler is due, files of it are still at a provider and cannot be deleted there just now, or it does not exist.
    /// </exception>
    public virtual Task DeleteAsync(long batchId, CancellationToken cancellationToken = default) =>
        DeleteAsync(batchId, withoutHandler: false, withoutCleanUp: false, cancellationToken);

    /// <summary>
    /// As <see cref="DeleteAsync(long, CancellationToken)"/>, also where the handler is due and nobody has it any more, or where a provider cannot be
    /// reached any more.
    /// </summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="withoutHandler">Whether a handler that has not run is dropped with the batch: it never will. One that is running is not.</param>
    /// <param name="withoutCleanUp">Whether files of it that are still at a provider are left there: Offpeak will never delete them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="OffpeakException">
    /// It is running, its handler is due and is not to be dropped, or is running at this moment, files of it are not to be left at a provider, or the batch
    /// does not exist.
    /// </exception>
    public virtual Task DeleteAsync(
        long batchId, bool withoutHandler, bool withoutCleanUp = false, CancellationToken cancellationToken = default) =>
        steps.Delete.RunAsync(batchId, withoutHandler, withoutCleanUp, cancellationToken);

    /// <summary>
    /// The same door for a caller's own transaction on Offpeak's database: what is created, added and submitted through it commits or vanishes
    /// with the caller's rows. After the commit the submit sweep finds the batch, within its interval.
    /// </summary>
    public virtual BatchTransaction In(DbTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var enlisted = flow with { Store = flow.Store.In(transaction) };
        return new BatchTransaction(enlisted.Store, steps.Make, steps.Add.In(enlisted), steps.Submit.In(enlisted));
    }

    // The rows are durable: whoever finds the work first does it, and the sweeps find what a queue loses.
    private async Task EnqueueAsync(IReadOnlyList<WorkItem> items, long batchId)
    {
        foreach (var item in items)
            await steps.Pass.OnAsync(item, batchId);

        flow.Probe.Reached(FlowPoint.WorkPassedOn);
    }
}
