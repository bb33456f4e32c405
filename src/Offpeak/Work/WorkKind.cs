namespace Offpeak.Work;

/// <summary>The kinds of work that a queue carries. Each has slots of its own, so that none starves another.</summary>
public enum WorkKind
{
    /// <summary>Hand a shard to its provider. The id is the shard's.</summary>
    Submit,

    /// <summary>Poll a shard, and read its results once it has ended. The id is the shard's.</summary>
    Poll,

    /// <summary>Go on with a batch: its next round, or its end. The id is the batch's.</summary>
    Advance,

    /// <summary>Write the next turns of a batch, running tools. The id is the batch's.</summary>
    Tools,

    /// <summary>Run the handler of a finished batch. The id is the batch's.</summary>
    Dispatch,
}
