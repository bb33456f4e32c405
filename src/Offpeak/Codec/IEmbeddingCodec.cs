using Microsoft.Extensions.AI;

namespace Offpeak.Codec;

/// <summary>The embeddings of a provider that batches them. Its <see cref="IEntryCodec"/> implements this too.</summary>
public interface IEmbeddingCodec
{
    /// <summary>Encodes an embeddings entry: UTF-8 JSON on one line.</summary>
    byte[] EncodeEmbedding(string model, string input);

    /// <summary>The vectors of an embeddings answer, in the order of its inputs.</summary>
    /// <exception cref="OffpeakException">The body holds no vectors.</exception>
    IReadOnlyList<Embedding<float>> DecodeEmbeddings(ReadOnlyMemory<byte> body);
}
