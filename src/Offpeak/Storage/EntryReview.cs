namespace Offpeak.Storage;

/// <summary>What the review of an answer has to know of its entry.</summary>
internal sealed record EntryReview(bool ValidatesAnswer, int Turn, int AnswerRetries, bool OutputRaised, byte[]? Request);
