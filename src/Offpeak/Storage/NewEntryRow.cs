namespace Offpeak.Storage;

/// <summary>An entry to insert.</summary>
internal readonly record struct NewEntryRow(string CustomId, string Model, ReadOnlyMemory<byte> Body);
