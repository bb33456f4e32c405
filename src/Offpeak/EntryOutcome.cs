using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Policies;

namespace Offpeak;

/// <summary>An entry and what became of it.</summary>
public sealed class EntryOutcome
{
    private readonly IEntryCodec codec;
    private readonly BatchEndpoint endpoint;

    internal EntryOutcome(BatchEntry entry, byte[] body, IEntryCodec codec, BatchEndpoint endpoint)
    {
        Entry = entry;
        Body = body;
        this.codec = codec;
        this.endpoint = endpoint;
    }

    /// <summary>The entry's state: status, error, tokens, cost.</summary>
    public BatchEntry Entry { get; }

    /// <summary>The user's id.</summary>
    public string CustomId => Entry.CustomId;

    /// <summary>Where it stands.</summary>
    public EntryStatus Status => Entry.Status;

    /// <summary>The provider's response body as it came, UTF-8 JSON; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>
    /// The answer's text; null if there is none. An answer that failed its checks (see <see cref="FailureCodes.InvalidAnswer"/> and the like)
    /// still has one.
    /// </summary>
    public string? Text => Body.IsEmpty || !IsAnswer ? null : codec.ReadText(endpoint, Body.Span);

    /// <summary>Decodes the body into what the provider's synchronous client would have returned.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it cannot be decoded.</exception>
    public ChatResponse ToChatResponse() => codec.Decode(endpoint, BodyOfAnswer());

    /// <summary>The vectors of an embeddings entry, in the order of its inputs.</summary>
    /// <exception cref="OffpeakException">There is no answer, or it holds no vectors.</exception>
    public IReadOnlyList<Embedding<float>> ToEmbeddings() => codec is IEmbeddingCodec embeddings
        ? embeddings.DecodeEmbeddings(BodyOfAnswer())
        : throw new OffpeakException(OffpeakErrorCode.InvalidInput, $"The provider of entry '{CustomId}' has no embeddings.");

    internal BatchEndpoint Endpoint => endpoint;

    /// <summary>Whether answers of its endpoint have text at all.</summary>
    internal bool HasText => endpoint.HasText;

    private bool IsAnswer => Status == EntryStatus.Succeeded
        || Entry.ErrorCode is FailureCodes.InvalidAnswer or FailureCodes.OutputLimit or FailureCodes.TurnLimit;

    private ReadOnlyMemory<byte> BodyOfAnswer() => Body.IsEmpty
        ? throw new OffpeakException(OffpeakErrorCode.InvalidState, $"Entry '{CustomId}' has no answer to decode.")
        : Body;
}
