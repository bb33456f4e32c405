using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>A result to apply to an entry.</summary>
/// <param name="EntryId">The entry.</param>
/// <param name="Status">What it becomes.</param>
/// <param name="Result">The provider's line.</param>
/// <param name="Cost">Cost in US dollars; null if unknown.</param>
/// <param name="Continuation">What has to happen before the next round; null: nothing.</param>
public readonly record struct ResultRow(
    long EntryId, EntryStatus Status, ProviderResult Result, decimal? Cost, EntryContinuation? Continuation = null);
