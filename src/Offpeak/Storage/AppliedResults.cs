namespace Offpeak.Storage;

/// <summary>What came of a chunk of results.</summary>
/// <param name="Applied">Entries that took their result.</param>
/// <param name="Unknown">Results whose entry does not exist in the batch.</param>
public readonly record struct AppliedResults(int Applied, int Unknown);
