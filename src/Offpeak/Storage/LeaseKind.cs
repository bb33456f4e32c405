namespace Offpeak.Storage;

/// <summary>The kinds of rows that can be leased.</summary>
public enum LeaseKind
{
    /// <summary>A batch: its turns are written, or its handler runs.</summary>
    Batch,

    /// <summary>A shard: it is submitted, polled or read.</summary>
    Shard,
}
