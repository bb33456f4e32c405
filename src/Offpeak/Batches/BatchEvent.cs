namespace Offpeak.Batches;

/// <summary>The causes that move a batch from one status to the next. See <see cref="BatchTransitions"/>.</summary>
internal enum BatchEvent
{
    Submit,
    Complete,
    Cancel,
    Expire,
    Fail,
    Reopen,
}
