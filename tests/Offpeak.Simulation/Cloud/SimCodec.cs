using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Simulation.Cloud;

/// <summary>Bodies are plain text here.</summary>
internal sealed class SimCodec : IEntryCodec
{
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        throw new NotSupportedException("Entries are given as bodies.");

    public byte[] EncodeEmbedding(string model, string input) => throw new NotSupportedException("Entries are given as bodies.");

    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body);

    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) =>
        new(new ChatMessage(ChatRole.Assistant, Encoding.UTF8.GetString(body.Span)));
}
