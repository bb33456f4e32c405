namespace Offpeak.Batches;

/// <summary>How many entries of a batch an error has ended.</summary>
/// <param name="Code">The error's code.</param>
/// <param name="Count">How many entries.</param>
/// <param name="Example">What it said of one of them; null if it said nothing.</param>
public sealed record EntryErrorCount(string Code, int Count, string? Example);
