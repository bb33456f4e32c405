using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.OpenAI;

/// <summary>Encodes entries as OpenAI's own synchronous client would send them, and decodes its answers.</summary>
public sealed class OpenAICodec : IEntryCodec
{
    /// <inheritdoc/>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public byte[] EncodeEmbedding(string model, string input) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) => throw new NotImplementedException();
}
