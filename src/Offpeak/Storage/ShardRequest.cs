namespace Offpeak.Storage;

/// <summary>An entry's request body on its way to a provider.</summary>
internal sealed record ShardRequest(long EntryId, byte[] Body);
