namespace Offpeak.Work;

/// <summary>A piece of work to be done: ids only, so that a queue never holds a prompt or a key.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Id">Row id of the shard (submit, poll) or batch (the others).</param>
/// <param name="Generation">The poll chain it belongs to; a poll of an older generation ends itself. 0 for other kinds.</param>
public readonly record struct WorkItem(WorkKind Kind, long Id, int Generation = 0);
