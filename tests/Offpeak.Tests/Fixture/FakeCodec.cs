using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.Tests.Fixture;

/// <summary>Bodies of the fake provider: <c>{"id":"…"}</c> out, <c>{"text":"…"}</c> back.</summary>
internal sealed class FakeCodec : IEntryCodec
{
    public static byte[] Body(string customId) => JsonSerializer.SerializeToUtf8Bytes(new { id = customId });

    public static byte[] Answer(string text) => JsonSerializer.SerializeToUtf8Bytes(new { text });

    public static string CustomIdIn(string body)
    {
        if (!body.StartsWith('{'))
            return body;
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("id", out var id) ? id.GetString()! : "";
    }

    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        Body(string.Concat(messages.Select(message => message.Text)));

    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(body));
        return json.RootElement.GetProperty("text").GetString();
    }

    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) =>
        new(new ChatMessage(ChatRole.Assistant, ReadText(endpoint, body.Span)));

    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages) =>
        throw new NotSupportedException();

    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => null;

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);
}
