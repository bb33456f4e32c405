using Offpeak.Codec;

namespace Offpeak.Providers;

/// <summary>One line of a provider's results. A line that cannot be read is delivered too, as <see cref="ProviderResultKind.Malformed"/>.</summary>
public sealed record ProviderResult
{
    /// <summary>What became of the entry.</summary>
    public required ProviderResultKind Kind { get; init; }

    /// <summary>The custom id we sent, or null on a malformed line.</summary>
    public string? WireId { get; init; }

    /// <summary>Line or item number within the results, from 1.</summary>
    public long Line { get; init; }

    /// <summary>
    /// Whether the results ended in the middle of this line, so that the download may have been cut short although nothing said so. Such
    /// results are read again for a while before the rest is taken for missing.
    /// </summary>
    public bool IsTorn { get; init; }

    /// <summary>The provider's response body as it came: UTF-8 JSON, owned by the receiver. Empty if there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>HTTP status inside the line, or null.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Error code, or null.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Error message, or why a line is malformed, or null.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Whether a failed entry may succeed when it is asked again (429 or 5xx inside the line).</summary>
    public bool IsPassing { get; init; }

    /// <summary>Tokens used, or null if the provider did not say.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Why the model stopped: one of <see cref="FinishReasons"/> where one fits, else the provider's own word, or null.</summary>
    public string? FinishReason { get; init; }

    /// <summary>
    /// Whether an answer that should hold something holds nothing: no text, no tool call, no other output. Thoughts alone are nothing. Never
    /// true of what has no text by nature, such as embeddings.
    /// </summary>
    public bool IsEmpty { get; init; }

    /// <summary>The model that answered, as the provider names it, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Cost in US dollars as the provider reports it; wins over the price table.</summary>
    public decimal? ReportedCost { get; init; }
}
