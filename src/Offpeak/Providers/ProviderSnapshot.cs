namespace Offpeak.Providers;

/// <summary>The state of a provider's batch at one moment.</summary>
public sealed record ProviderSnapshot
{
    /// <summary>The state in our words. A word we do not know counts as <see cref="ProviderBatchState.Running"/>.</summary>
    public required ProviderBatchState State { get; init; }

    /// <summary>The provider's own word.</summary>
    public ProviderStatus Status { get; init; }

    /// <summary>Whether <see cref="Status"/> is a word this provider is not known to use; warned about once per word.</summary>
    public bool StatusIsUnknown { get; init; }

    /// <summary>Progress as the provider counts it, or null. The numbers need not add up.</summary>
    public ProviderCounts? Counts { get; init; }

    /// <summary>The journal from now on, replacing the earlier one; null leaves it as it is.</summary>
    public Journal? Journal { get; init; }

    /// <summary>The wait the provider asked for before the next poll, if any.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The wait before the next poll in place of the schedule's, for a provider that knows better; null keeps the schedule.</summary>
    public TimeSpan? PollDelay { get; init; }

    /// <summary>
    /// Whether a terminal batch's results can be read now. False means that the provider has not published them yet: ask again later.
    /// </summary>
    public bool ResultsReady { get; init; } = true;

    /// <summary>
    /// Whether a running batch already has results worth reading. They are applied as they are read; whatever is still missing is read later.
    /// </summary>
    public bool HasPartialResults { get; init; }

    /// <summary>Why the provider refused or gave up the batch as a whole, or null.</summary>
    public ProviderFailure? Failure { get; init; }

    /// <summary>Whether it was ended for want of room, which says nothing against its entries.</summary>
    internal bool IsOutOfRoom =>
        this is { State: ProviderBatchState.Failed, ResultsReady: true, Failure: { } failure } && failure.Class == ProviderErrorClass.Capacity;
}
