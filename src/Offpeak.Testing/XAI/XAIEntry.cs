namespace Offpeak.Testing.XAI;

/// <summary>One request of a batch: where its result item stands in the spool, and when it was added.</summary>
internal readonly record struct XAIEntry(string Id, string Kind, string Model, bool Succeeded, long Offset, int Length, DateTimeOffset AddedAt);
