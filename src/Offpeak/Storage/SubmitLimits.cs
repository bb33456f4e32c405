namespace Offpeak.Storage;

/// <summary>What a submit must stay within, compared in the transaction that begins it.</summary>
/// <param name="ReservedCost">What the shard's input costs at least; reserved from the batch's budget. Null without a budget.</param>
/// <param name="MaxEnqueuedTokens">Most input tokens that all shards of this provider and model may have under way; null: no limit.</param>
public sealed record SubmitLimits(decimal? ReservedCost = null, long? MaxEnqueuedTokens = null);
