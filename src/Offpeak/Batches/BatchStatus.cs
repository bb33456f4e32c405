namespace Offpeak.Batches;

/// <summary>Where a batch stands.</summary>
public enum BatchStatus
{
    /// <summary>Entries are being added; nothing has been sent. Left by submitting or cancelling.</summary>
    Building,

    /// <summary>Submitted; provider batches are waiting, running or being read. Left when every entry is terminal.</summary>
    Running,

    /// <summary>Every entry was answered or refused for good.</summary>
    Completed,

    /// <summary>Cancelled by the user; results that were finished before are kept.</summary>
    Canceled,

    /// <summary>Given up: at least one entry was never answered in time.</summary>
    Expired,

    /// <summary>The provider refused the batch as a whole and nothing ran.</summary>
    Failed,
}
