namespace Offpeak.Testing;

/// <summary>All batches of one emulator, oldest first.</summary>
internal sealed class EmulatedBatches(TimeProvider time, TimeSpan? retention)
{
    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    private readonly Lock gate = new();
    private readonly List<BatchRecord> batches = [];
    private readonly List<Func<EmulatedBatch>> others = [];
    private int numbers;

    public int NextNumber() => Interlocked.Increment(ref numbers);

    public void Add(BatchRecord batch)
    {
        lock (gate)
            batches.Add(batch);
    }

    /// <summary>Adds a batch that its provider's routes keep themselves, because it grows after it was made.</summary>
    public void AddOther(Func<EmulatedBatch> describe)
    {
        lock (gate)
            others.Add(describe);
    }

    public IReadOnlyList<BatchRecord> All()
    {
        lock (gate)
            return [.. batches];
    }

    /// <summary>The batch, unless retention or a fault hides it from single reads.</summary>
    public BatchRecord? Find(string provider, string id) =>
        All().FirstOrDefault(batch => batch.Id == id && batch.Order.Provider == provider && IsKept(batch)
            && !IsHidden(batch, FaultAction.HideFromGet));

    /// <summary>What a list shows, newest first.</summary>
    public IReadOnlyList<BatchRecord> Listed(string provider) =>
        [.. All().Reverse().Where(batch => batch.Order.Provider == provider && IsKept(batch)
            && !IsHidden(batch, FaultAction.HideFromList))];

    public async ValueTask<long> EnqueuedTokensAsync(string provider)
    {
        var tokens = 0L;
        foreach (var batch in All().Where(batch => batch.Order.Provider == provider))
        {
            var view = await batch.ViewAsync(Now);
            if (!view.State.Status.IsTerminal())
                tokens += batch.Order.EnqueuedTokens;
        }

        return tokens;
    }

    public IReadOnlyList<EmulatedBatch> Snapshot()
    {
        List<Func<EmulatedBatch>> kept;
        lock (gate)
            kept = [.. others];
        return [.. All().Select(Describe).Concat(kept.Select(describe => describe())).OrderBy(batch => batch.Number)];
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private bool IsKept(BatchRecord batch) => batch.DeletedAt is null && IsRetained(batch);

    private bool IsRetained(BatchRecord batch) => retention is not { } kept || Now < batch.CreatedAt + kept;

    private bool IsHidden(BatchRecord batch, FaultAction action) =>
        batch.Order.FaultOf(action) is { } fault && Now < batch.CreatedAt + fault.Duration;

    private EmulatedBatch Describe(BatchRecord batch)
    {
        // The view waits only for work on the thread pool, never for the caller's thread.
        var view = batch.ViewAsync(Now).AsTask().GetAwaiter().GetResult();
        var order = batch.Order;
        return new EmulatedBatch(
            batch.Id, order.Provider, order.Number, order.InputFileId, order.Input?.FileName, order.Endpoint,
            order.Metadata ?? NoMetadata, batch.CreatedAt, batch.CancelRequestedAt, order.StatusName(view.State.Status), order.Requests ?? view.Total);
    }
}
