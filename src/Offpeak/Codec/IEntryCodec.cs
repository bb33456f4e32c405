using Microsoft.Extensions.AI;
using Offpeak.Providers;

namespace Offpeak.Codec;

/// <summary>Turns chat messages into the body a provider's own synchronous client would send, and its answers back into chat responses.</summary>
public interface IEntryCodec
{
    /// <summary>Encodes one entry: UTF-8 JSON on one line, byte for byte (after compaction) what the synchronous client sends.</summary>
    /// <exception cref="OffpeakException">A setting cannot be carried by this provider; the message names it.</exception>
    byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null);

    /// <summary>Encodes an embeddings entry.</summary>
    /// <exception cref="OffpeakException">The provider has no embeddings batches.</exception>
    byte[] EncodeEmbedding(string model, string input);

    /// <summary>Reads the answer's text with a fast forward reader; null if the body holds none.</summary>
    string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body);

    /// <summary>Decodes a stored body into the response the synchronous client would have returned.</summary>
    /// <exception cref="OffpeakException">The body cannot be decoded.</exception>
    ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body);
}
