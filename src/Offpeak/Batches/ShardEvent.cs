namespace Offpeak.Batches;

/// <summary>The causes that move a shard from one status to the next. See <see cref="BatchTransitions"/>.</summary>
internal enum ShardEvent
{
    BeginSubmit,
    ReleaseSubmit,
    LoseReply,
    Accept,
    Adopt,
    ProveAbsent,
    SeeProgress,
    End,
    Refuse,
    Requeue,
    Split,
    Cancel,
    Expire,
    GiveUp,
}
