using Offpeak.Codec;

namespace Offpeak.Providers;

/// <summary>Limits and behaviour of a provider, as data. Defaults are OpenAI's.</summary>
public sealed record ProviderCapabilities
{
    /// <summary>Most entries in one provider batch.</summary>
    public int MaxEntries { get; init; } = 50_000;

    /// <summary>Most bytes in one provider batch, as sent.</summary>
    public long MaxBytes { get; init; } = 200_000_000;

    /// <summary>Bytes that the provider's format adds to each entry beside its body and wire id; an upper bound, for sharding.</summary>
    public int EntryOverheadBytes { get; init; } = 128;

    /// <summary>Age from acceptance at which a batch is given up after a last look; null: the provider never ends one by itself, 30 days.</summary>
    public TimeSpan? MaxAge { get; init; } = TimeSpan.FromHours(26);

    /// <summary>Whether bodies in OpenAI's form (chat completions, Responses) can be passed through as they are.</summary>
    public bool TakesOpenAIBodies { get; init; } = true;

    /// <summary>Part of the list price that a batch costs: 0.5 is half price.</summary>
    public decimal PriceFactor { get; init; } = 0.5m;

    /// <summary>Endpoints that can be batched; empty means any.</summary>
    public IReadOnlyList<BatchEndpoint> Endpoints { get; init; } = [];

    /// <summary>
    /// Whether results become durable one by one while the batch runs, because this process makes them; otherwise in chunks once it has ended.
    /// </summary>
    public bool AnswersOneByOne { get; init; }
}
