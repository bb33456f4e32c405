namespace Offpeak.Storage;

/// <summary>Work on all entries of a batch that is done in chunks. Noted on the batch first, so that whoever comes next goes on with it.</summary>
public enum BatchStep
{
    /// <summary>Entries without an answer become pending again.</summary>
    Reopen,

    /// <summary>Waiting entries become requests to the fallback.</summary>
    Fallback,

    /// <summary>Waiting entries are cancelled: the batch is.</summary>
    Cancel,

    /// <summary>Waiting entries fail: a budget or a canary stopped the batch, for <see cref="BatchRow.FailureReason"/>.</summary>
    Stop,

    /// <summary>Everything that belongs to the batch is deleted, the batch last. Once begun nothing else changes the batch.</summary>
    Delete,
}
