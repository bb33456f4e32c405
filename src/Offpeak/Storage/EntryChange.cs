using Offpeak.Batches;

namespace Offpeak.Storage;

/// <summary>A change of all entries of a shard or batch that have one status. The batch's counts follow in the same transaction.</summary>
/// <param name="From">Entries that have this status.</param>
/// <param name="To">What they become. <see cref="EntryStatus.Pending"/> takes them out of their shard, unless <paramref name="StaysInShard"/>.</param>
/// <param name="Code">Their error code; null leaves it.</param>
/// <param name="Message">Their error message; null leaves it.</param>
/// <param name="CountsAttempt">Whether it counts as an attempt.</param>
/// <param name="StaysInShard">Whether pending entries wait in their shard: it is sent again as it is.</param>
public sealed record EntryChange(
    EntryStatus From, EntryStatus To, string? Code = null, string? Message = null, bool CountsAttempt = false, bool StaysInShard = false)
{
    /// <summary>A change that an event of the table causes.</summary>
    internal static EntryChange By(EntryStatus from, EntryEvent cause, string? code = null, string? message = null) =>
        new(from, BatchTransitions.Target(from, cause), code, message);

    /// <summary>A change to a status that some event of the table leads to.</summary>
    internal static EntryChange Settle(EntryStatus from, EntryStatus to, string code, string message) =>
        BatchTransitions.IsAllowed(from, to) ? new(from, to, code, message) : throw new InvalidOperationException($"No transition from {from} to {to}.");
}
