using Offpeak.Providers;

namespace Offpeak.Simulation.Cloud;

/// <summary>The truth about one batch at the provider.</summary>
internal sealed class CloudBatch
{
    public required string Id { get; init; }

    public required string Key { get; init; }

    /// <summary>The provider that holds it.</summary>
    public required string Provider { get; init; }

    /// <summary>The account whose keys can see it.</summary>
    public required string Account { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on the provider's list shows it.</summary>
    public required DateTimeOffset ListedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Whether all entries are in. One that is filled call by call neither ends nor is refused before.</summary>
    public required bool IsFull { get; set; }

    /// <summary>Whether what was finished before a cancel or the expiry can be read.</summary>
    public required bool KeepsPartialResults { get; init; }

    /// <summary>How the provider will refuse it as a whole after it was accepted; null if it will not.</summary>
    public required ProviderFailure? Refusal { get; init; }

    /// <summary>Whether it never ends by itself.</summary>
    public required bool Stuck { get; init; }

    /// <summary>Result lines in file order: an entry's own line first, doubles after it.</summary>
    public required List<CloudLine> Lines { get; init; }

    /// <summary>Wire ids it was sent with.</summary>
    public required HashSet<string> Sent { get; init; }

    /// <summary>Whether its create call arrived after the sender had lost the lease, and the sender then failed before it could note that.</summary>
    public bool IsUnnoticed { get; set; }

    /// <summary>Whether the engine asked to stop what its attempts had left behind, or tried to.</summary>
    public bool WasAbandoned { get; set; }

    public DateTimeOffset? CancelsAt { get; set; }

    public ProviderBatchState State { get; private set; } = ProviderBatchState.Running;

    /// <summary>When it became terminal, by the truth.</summary>
    public DateTimeOffset EndedAt { get; private set; }

    public int PollsUntilReady { get; set; }

    public bool FilesDeleted { get; set; }

    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>Whether whoever asked last has a key that sees it.</summary>
    public bool WasSeen { get; set; }

    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>The first line for each id, of the last reading that came to its end; null if none did.</summary>
    public IReadOnlyDictionary<string, ProviderResult>? Delivered { get; private set; }

    /// <summary>Wire ids whose answer was given out, also by readings that did not come to their end.</summary>
    public HashSet<string> Shown { get; } = [];

    public bool WasRejected => State == ProviderBatchState.Failed && Refusal?.Class == ProviderErrorClass.Capacity;

    /// <summary>Brings the state up to a moment.</summary>
    public void Settle(DateTimeOffset now)
    {
        if (State != ProviderBatchState.Running)
            return;
        var done = Lines.Where(line => line.IsOwn).Select(line => line.FinishedAt).DefaultIfEmpty(CreatedAt).Max();
        if (!IsFull)
            done = DateTimeOffset.MaxValue;
        if (Refusal is not null && IsFull && now >= CreatedAt.AddMinutes(2))
            End(ProviderBatchState.Failed, CreatedAt.AddMinutes(2));
        else if (!Stuck && Refusal is null && done <= now && done <= (CancelsAt ?? DateTimeOffset.MaxValue) && done <= ExpiresAt)
            End(ProviderBatchState.Ended, done);
        else if (CancelsAt <= now)
            End(ProviderBatchState.Canceled, CancelsAt.Value);
        else if (!Stuck && now >= ExpiresAt)
            End(ProviderBatchState.Expired, ExpiresAt);
    }

    /// <summary>What the result file holds at a moment.</summary>
    public IEnumerable<ProviderResult> Read(DateTimeOffset now)
    {
        Settle(now);
        if (Refusal is not null || State == ProviderBatchState.Failed || (!KeepsPartialResults && State is ProviderBatchState.Canceled or ProviderBatchState.Expired))
            yield break;
        var cut = State == ProviderBatchState.Running ? now : EndedAt;
        foreach (var line in Lines)
        {
            if (line.FinishedAt <= cut)
                yield return line.Result;
            else if (State != ProviderBatchState.Running && line is { IsOwn: true, LeftOutWhenUnfinished: false })
                yield return line.Unfinished(State == ProviderBatchState.Canceled ? ProviderResultKind.Canceled : ProviderResultKind.Expired);
        }
    }

    public void NoteRead(Dictionary<string, ProviderResult> first) => Delivered = first;

    private void End(ProviderBatchState state, DateTimeOffset at) => (State, EndedAt) = (state, at);
}
