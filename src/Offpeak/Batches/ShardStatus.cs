namespace Offpeak.Batches;

/// <summary>Where a shard (one part of a batch in one round) stands.</summary>
public enum ShardStatus
{
    /// <summary>Planned, not sent. Left by a submit, at once or when the provider has room again.</summary>
    Pending,

    /// <summary>A submit is under way under a lease. When that lease ends without a result, the reconcile sweep takes over.</summary>
    Submitting,

    /// <summary>The create call may have reached the provider. The reconcile sweep looks for the batch; an operator decides where it cannot.</summary>
    Unconfirmed,

    /// <summary>The provider has accepted it and polls are scheduled.</summary>
    Submitted,

    /// <summary>A poll has seen the provider work on it.</summary>
    InProgress,

    /// <summary>Every entry was tried. Terminal.</summary>
    Ended,

    /// <summary>Cancelled. Terminal.</summary>
    Canceled,

    /// <summary>The provider's window passed, or it was given up after a last look. Terminal.</summary>
    Expired,

    /// <summary>Refused as a whole. Terminal.</summary>
    Failed,
}
