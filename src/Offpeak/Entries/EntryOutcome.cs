using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>An entry and what became of it, at one moment.</summary>
public sealed class EntryOutcome
{
    private readonly EntryRow row;
    private readonly IBatchProvider provider;

    internal EntryOutcome(EntryResultRow result, IBatchProvider provider, BatchEndpoint endpoint)
    {
        row = result.Entry;
        Body = result.Body;
        Endpoint = endpoint;
        this.provider = provider;
    }

    /// <summary>The user's id.</summary>
    public string CustomId => row.CustomId;

    /// <summary>The model that was asked, without the provider's name.</summary>
    public string RequestedModel => row.Model;

    /// <summary>Where it stands.</summary>
    public EntryStatus Status => row.Status;

    /// <summary>How often it was handed to a provider.</summary>
    public int Attempts => row.Attempts;

    /// <summary>How often tools have answered its calls.</summary>
    public int Turns => row.Turn;

    /// <summary>HTTP status inside the result line; null if there was none.</summary>
    public int? StatusCode => row.StatusCode;

    /// <summary>Code of its error, the provider's or one of <see cref="FailureCodes"/>; null if it has none.</summary>
    public string? ErrorCode => row.ErrorCode;

    /// <summary>Message of its error; null if it has none.</summary>
    public string? ErrorMessage => row.ErrorMessage;

    /// <summary>Why the model stopped: one of <see cref="FinishReasons"/> where one fits, else the provider's own word; null if it did not say.</summary>
    public string? FinishReason => row.FinishReason;

    /// <summary>The model that answered, as the provider names it; null if it did not say.</summary>
    public string? Model => row.ResponseModel;

    /// <summary>Input tokens, cached ones included; null if the provider did not say.</summary>
    public long? InputTokens => row.InputTokens;

    /// <summary>Input tokens read from the prompt cache; null if the provider did not say.</summary>
    public long? CachedInputTokens => row.CachedInputTokens;

    /// <summary>Output tokens, reasoning included; null if the provider did not say.</summary>
    public long? OutputTokens => row.OutputTokens;

    /// <summary>Cost in US dollars, discount included; null if unknown.</summary>
    public decimal? Cost => row.Cost;

    /// <summary>The endpoint it was asked through.</summary>
    public BatchEndpoint Endpoint { get; }

    /// <summary>The provider's response body as it came, UTF-8 JSON; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>
    /// The answer's text; null if there is none. An answer that failed its checks (see <see cref="FailureCodes.InvalidAnswer"/> and the like)
    /// still has one.
    /// </summary>
    public string? Text => Body.IsEmpty || !IsAnswer ? null : provider.Codec.ReadText(Endpoint, Body.Span);

    /// <summary>Decodes the body into what the provider's synchronous client would have returned.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it cannot be decoded.</exception>
    public ChatResponse ToChatResponse() => provider.Codec.Decode(Endpoint, BodyOfAnswer());

    /// <summary>The vectors of an embeddings entry, in the order of its inputs.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it holds no vectors.</exception>
    public IReadOnlyList<Embedding<float>> ToEmbeddings() => provider.EmbeddingCodec is { } codec
        ? codec.DecodeEmbeddings(BodyOfAnswer())
        : throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Entry '{CustomId}' was answered by {provider.Name}, which has no embeddings.");

    private bool IsAnswer => Status == EntryStatus.Succeeded
        || ErrorCode is FailureCodes.InvalidAnswer or FailureCodes.OutputLimit or FailureCodes.TurnLimit or FailureCodes.Unreadable;

    private ReadOnlyMemory<byte> BodyOfAnswer() => Body.IsEmpty
        ? throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Entry '{CustomId}' has no answer to decode.")
        : Body;
}
