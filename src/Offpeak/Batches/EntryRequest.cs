namespace Offpeak.Batches;

/// <summary>The request body of an entry, kept apart from its state so that state changes stay small.</summary>
public sealed class EntryRequest
{
    /// <summary>The entry.</summary>
    public long EntryId { get; internal set; }

    /// <summary>UTF-8 JSON on one line.</summary>
    public byte[] Body { get; internal set; } = [];
}
