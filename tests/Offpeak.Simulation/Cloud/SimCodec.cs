using System.Text;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Simulation.Cloud;

/// <summary>Bodies are plain text here.</summary>
internal sealed class SimCodec : IEntryCodec
{
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        Encoding.UTF8.GetBytes(messages.Single().Text);

    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) => Encoding.UTF8.GetString(body);

    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) =>
        new(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call-1", Encoding.UTF8.GetString(body.Span))]));

    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages) =>
        [.. request.Span, .. " and on"u8];

    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => null;

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);
}
