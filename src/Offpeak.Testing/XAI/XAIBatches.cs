namespace Offpeak.Testing.XAI;

/// <summary>All xAI batches of one emulator, oldest first.</summary>
internal sealed class XAIBatches(EmulatorState state)
{
    private readonly Lock gate = new();
    private readonly List<XAIBatch> batches = [];

    public void Add(XAIBatch batch)
    {
        lock (gate)
            batches.Add(batch);
        state.Batches.AddOther(() => batch.Describe(state.Time.GetUtcNow()));
    }

    public IReadOnlyList<XAIBatch> All()
    {
        lock (gate)
            return [.. batches];
    }

    public XAIBatch? Find(string id) =>
        All().FirstOrDefault(batch => batch.Id == id && IsKept(batch) && !IsHidden(batch, FaultAction.HideFromGet));

    /// <summary>What a list shows, newest first.</summary>
    public IReadOnlyList<XAIBatch> Listed() =>
        [.. All().Reverse().Where(batch => IsKept(batch) && !IsHidden(batch, FaultAction.HideFromList))];

    private DateTimeOffset Now => state.Time.GetUtcNow();

    private bool IsKept(XAIBatch batch) => state.Options.BatchRetention is not { } retention || Now < batch.CreatedAt + retention;

    private bool IsHidden(XAIBatch batch, FaultAction action) =>
        batch.Faults.FirstOrDefault(fault => fault.Action == action) is { } fault && Now < batch.CreatedAt + fault.Duration;
}
