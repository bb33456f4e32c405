using Offpeak.Batches;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>A result to apply to an entry.</summary>
internal readonly record struct ResultRow(
    long EntryId, EntryStatus Status, ProviderResult Result, decimal? Cost, EntryContinuation? Continuation = null);
