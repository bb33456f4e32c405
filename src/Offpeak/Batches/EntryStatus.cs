namespace Offpeak.Batches;

/// <summary>Where an entry stands.</summary>
public enum EntryStatus
{
    /// <summary>Not with a provider: new, or waiting for the next round.</summary>
    Pending,

    /// <summary>Part of a provider batch that was handed over.</summary>
    Submitted,

    /// <summary>Answered. Terminal.</summary>
    Succeeded,

    /// <summary>Refused for good, or still failing when the rounds ran out. Terminal.</summary>
    Failed,

    /// <summary>Not run because the batch was cancelled. Terminal.</summary>
    Canceled,

    /// <summary>Not answered in time. Terminal.</summary>
    Expired,
}
