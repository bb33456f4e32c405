namespace Offpeak.Storage;

/// <summary>How an attempt to begin a submit ended.</summary>
public enum BeginOutcome
{
    /// <summary>The lease is taken and the shard is being submitted.</summary>
    Begun,

    /// <summary>Somebody else has changed or holds the shard.</summary>
    Lost,

    /// <summary>Its batch does not run, is being cancelled, or has not come to its round.</summary>
    Forbidden,

    /// <summary>The budget does not allow it now: other shards of the batch under way have reserved the rest.</summary>
    BudgetReserved,

    /// <summary>The budget does not allow it and nothing under way can change that.</summary>
    OverBudget,

    /// <summary>Other shards take up the account's queue of tokens.</summary>
    NoRoom,
}
