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

    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages) =>
        throw new NotSupportedException();

    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => null;

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public IReadOnlyList<Embedding<float>> DecodeEmbeddings(ReadOnlyMemory<byte> body) => throw new NotSupportedException();

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);
}
