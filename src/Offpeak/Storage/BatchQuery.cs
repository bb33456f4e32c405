using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>Which batches to list, from the newest to the oldest.</summary>
/// <param name="Limit">How many at most.</param>
/// <param name="Before">Only batches with a smaller id; null starts with the newest.</param>
/// <param name="Status">Only batches of this status; null: all.</param>
public sealed record BatchQuery(int Limit = 100, long? Before = null, BatchStatus? Status = null);
