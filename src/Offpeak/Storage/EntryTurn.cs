using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>An answered entry whose conversation goes on.</summary>
internal sealed record EntryTurn(
    long EntryId, string CustomId, string Model, EntryContinuation Continuation, string? Problem, byte[] Request, byte[] Answer);
