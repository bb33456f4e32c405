namespace Offpeak.Storage;

/// <summary>What the review of an answer has to know of its entry.</summary>
/// <param name="EntryId">The entry.</param>
/// <param name="Turn">How often its conversation has gone on: tools have answered its calls, or its model had paused.</param>
/// <param name="AnswerRetries">How often an answer that did not match the schema was asked again.</param>
/// <param name="OutputRaised">Whether it was asked again with a higher limit.</param>
/// <param name="Request">The request, where it was asked for or its answer is checked against the schema in it; null elsewhere.</param>
public sealed record EntryReview(long EntryId, int Turn, int AnswerRetries, bool OutputRaised, ReadOnlyMemory<byte>? Request);
