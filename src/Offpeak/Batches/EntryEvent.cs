namespace Offpeak.Batches;

/// <summary>The causes that move an entry from one status to the next. See <see cref="BatchTransitions"/>.</summary>
internal enum EntryEvent
{
    Submit,
    Answer,
    Refuse,
    TryAgain,
    Cancel,
    Expire,
    Reopen,
}
