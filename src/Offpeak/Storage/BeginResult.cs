namespace Offpeak.Storage;

/// <summary>The outcome of an attempt to begin a submit.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Shard">The shard as it is now, where it was begun; null elsewhere.</param>
public readonly record struct BeginResult(BeginOutcome Outcome, ShardRow? Shard = null);
