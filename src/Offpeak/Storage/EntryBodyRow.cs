namespace Offpeak.Storage;

/// <summary>An entry's request on its way to a provider.</summary>
/// <param name="EntryId">The entry.</param>
/// <param name="Model">Its model.</param>
/// <param name="Body">The request that is sent next.</param>
public readonly record struct EntryBodyRow(long EntryId, string Model, ReadOnlyMemory<byte> Body);
