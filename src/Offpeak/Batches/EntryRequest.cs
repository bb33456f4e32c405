namespace Offpeak.Batches;

/// <summary>The request body of an entry, kept apart from its state so that state changes stay small.</summary>
public sealed class EntryRequest
{
    /// <summary>The entry.</summary>
    public long EntryId { get; internal set; }

    /// <summary>UTF-8 JSON on one line.</summary>
    public byte[] Body { get; internal set; } = [];

    /// <summary>The body of the conversation's next turn, in the place of <see cref="Body"/>; null while there is none.</summary>
    public byte[]? NextBody { get; internal set; }

    /// <summary>The same request in the words of the fallback's provider; null without a fallback.</summary>
    public byte[]? FallbackBody { get; internal set; }
}
