namespace Offpeak.Storage;

/// <summary>An entry with its answer.</summary>
/// <param name="Entry">Its state.</param>
/// <param name="Body">The response as it came; empty if there is none.</param>
/// <param name="IsFallback">Whether the fallback gave it.</param>
public sealed record EntryResultRow(EntryRow Entry, ReadOnlyMemory<byte> Body, bool IsFallback);
