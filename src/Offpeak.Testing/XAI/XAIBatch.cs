namespace Offpeak.Testing.XAI;

/// <summary>
/// A batch that requests are added to, or that a file filled. Each request runs on its own time from the moment it was added; states are
/// computed from the clock when somebody looks.
/// </summary>
internal sealed class XAIBatch
{
    private readonly Lock gate = new();
    private readonly EmulatorOptions options;
    private readonly List<XAIEntry> entries = [];
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);
    private readonly BatchEnding? ending;
    private DateTimeOffset? cancelRequestedAt;
    private Task<string?>? reading;

    public XAIBatch(EmulatorState state, string? name, EmulatedFile? input, string? inputFileId)
    {
        options = state.Options;
        Name = name;
        Input = input;
        InputFileId = inputFileId;
        Number = state.Batches.NextNumber();
        CreatedAt = state.Time.GetUtcNow();
        Faults = state.Faults.TakeForBatch();
        SpoolPath = state.Files.NewPath();
        ending = Faults.FirstOrDefault(fault => fault.Action == FaultAction.EndBatch) is { } fault ? BatchEnding.From(fault) : null;
    }

    public string Id { get; } = $"batch_{Guid.NewGuid()}";

    public string? Name { get; }

    public int Number { get; }

    public EmulatedFile? Input { get; }

    public string? InputFileId { get; }

    public DateTimeOffset CreatedAt { get; }

    public IReadOnlyList<Fault> Faults { get; }

    public string SpoolPath { get; }

    /// <summary>Begins to read the input file; the answer is what is wrong with it.</summary>
    public void BeginReading(Func<string?> read) => reading = Task.Run(read);

    public bool Holds(string id)
    {
        lock (gate)
            return ids.Contains(id);
    }

    public void Add(IReadOnlyList<XAIEntry> added)
    {
        lock (gate)
        {
            entries.AddRange(added);
            ids.UnionWith(added.Select(entry => entry.Id));
        }
    }

    public async ValueTask<XAIView> ViewAsync(DateTimeOffset now)
    {
        // What a file holds is known only once it was read, like at xAI.
        var isRead = reading is null || now >= CreatedAt + options.ValidatingDuration;
        var problem = isRead && reading is not null ? await reading : null;
        lock (gate)
            return isRead ? View(now, problem) : new XAIView(this, [], [], CancelledAt(now), null);
    }

    /// <summary>Asks the batch to stop; without effect once it has ended.</summary>
    public async ValueTask CancelAsync(DateTimeOffset now)
    {
        var status = (await ViewAsync(now)).Status;
        lock (gate)
        {
            if (status is not ("completed" or "failed" or "cancelled"))
                cancelRequestedAt ??= now;
        }
    }

    public EmulatedBatch Describe(DateTimeOffset now)
    {
        // The view waits only for work on the thread pool, never for the caller's thread.
        var view = ViewAsync(now).AsTask().GetAwaiter().GetResult();
        var names = Name is null ? [] : new Dictionary<string, string> { ["name"] = Name };
        return new EmulatedBatch(
            Id, XAIRoutes.Provider, Number, InputFileId ?? "", Input?.FileName, "", names, CreatedAt, cancelRequestedAt, view.Status,
            view.Entries.Count);
    }

    private XAIView View(DateTimeOffset now, string? problem)
    {
        var refusal = problem ?? ScriptedRefusal(now);
        if (refusal is not null && ending?.Fraction is null)
            return new XAIView(this, [], [], null, refusal);
        var cancelledAt = CancelledAt(now);
        var all = entries.ToList();
        var leftOver = LeftOver(now, refusal, cancelledAt);
        return new XAIView(this, all, FatesOf(all, cancelledAt < now ? cancelledAt.Value : now, leftOver), cancelledAt, refusal);
    }

    /// <summary>When the last of the requests added so far is done; null without any.</summary>
    private DateTimeOffset? EndsAt => entries.Count == 0 ? null : entries[^1].AddedAt + options.ValidatingDuration + options.BatchDuration;

    private string? ScriptedRefusal(DateTimeOffset now)
    {
        if (ending is not { Status: BatchPhase.Failed, Problem: { } problem })
            return null;
        var at = ending.Fraction is null ? CreatedAt + options.ValidatingDuration : EndsAt;
        return now >= at ? problem.Message : null;
    }

    private DateTimeOffset? CancelledAt(DateTimeOffset now) =>
        cancelRequestedAt ?? (ending?.Status == BatchPhase.Cancelled && now >= EndsAt ? EndsAt : null);

    private XAIFate LeftOver(DateTimeOffset now, string? refusal, DateTimeOffset? cancelledAt) =>
        refusal is not null || now >= cancelledAt + (cancelRequestedAt is null ? TimeSpan.Zero : options.CancellingDuration) ? XAIFate.Cancelled
        : ending?.Status == BatchPhase.Expired && now >= EndsAt ? XAIFate.TimedOut
        : XAIFate.Pending;

    private List<XAIFate> FatesOf(List<XAIEntry> all, DateTimeOffset workedUntil, XAIFate leftOver)
    {
        var fates = new List<XAIFate>(all.Count);
        for (var first = 0; first < all.Count;)
        {
            var last = first;
            while (last < all.Count && all[last].AddedAt == all[first].AddedAt)
                last++;
            var share = Math.Clamp((workedUntil - all[first].AddedAt - options.ValidatingDuration) / options.BatchDuration, 0, ending?.Fraction ?? 1);
            var done = (int)Math.Floor(((last - first) * share) + 1e-9);
            for (var i = first; i < last; i++)
                fates.Add(i - first >= done ? leftOver : all[i].Succeeded ? XAIFate.Succeeded : XAIFate.Failed);
            first = last;
        }

        return fates;
    }
}
