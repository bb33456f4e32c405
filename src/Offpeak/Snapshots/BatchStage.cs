namespace Offpeak;

/// <summary>What a batch is doing or waiting for, for people who watch it.</summary>
public enum BatchStage
{
    /// <summary>Entries are being added; it is not submitted yet.</summary>
    Building,

    /// <summary>It is being handed to the provider.</summary>
    Submitting,

    /// <summary>A submit did not come about and is tried again.</summary>
    WaitingToSubmit,

    /// <summary>The provider has no room; it is submitted when there is some.</summary>
    WaitingForRoom,

    /// <summary>A reply was lost, and the provider is asked whether it has the provider batch.</summary>
    Confirming,

    /// <summary>The provider works on it.</summary>
    Running,

    /// <summary>The provider has it, but has trouble answering; it is asked again.</summary>
    Troubled,

    /// <summary>The provider is done, and its results are being read.</summary>
    ReadingResults,

    /// <summary>All results are read; the next round or the end follows.</summary>
    Finishing,

    /// <summary>It waits for a person: a key is refused, or the like.</summary>
    Paused,

    /// <summary>It is terminal.</summary>
    Finished,
}
