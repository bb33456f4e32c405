namespace Offpeak.Batches;

/// <summary>The response body of an entry as the provider sent it.</summary>
public sealed class EntryResult
{
    /// <summary>The entry.</summary>
    public long EntryId { get; internal set; }

    /// <summary>UTF-8 JSON, byte for byte what the provider sent.</summary>
    public byte[] Body { get; internal set; } = [];
}
