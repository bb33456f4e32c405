namespace Offpeak.Policies;

/// <summary>What a check says of an answer.</summary>
/// <param name="Problem">In words, for the model and for people.</param>
/// <param name="IsUnchecked">Whether the check came to no verdict: the answer may well be right.</param>
internal sealed record AnswerFinding(string Problem, bool IsUnchecked = false);
