namespace Offpeak.Batches;

/// <summary>The causes that move a provider batch from one status to the next. See <see cref="BatchTransitions"/>.</summary>
internal enum ProviderBatchEvent
{
    BeginSubmit,
    ReleaseSubmit,
    LoseReply,
    RecordSubmitted,
    Adopt,
    ProveAbsent,
    SeeProgress,
    End,
    Refuse,
    Requeue,
    Cancel,
    Expire,
    GiveUp,
}
