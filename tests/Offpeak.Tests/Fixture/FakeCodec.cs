using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;

namespace Offpeak.Tests.Fixture;

/// <summary>Bodies of the fake provider: <c>{"id":"…"}</c> out, <c>{"text":"…"}</c> back.</summary>
internal sealed class FakeCodec : IEntryCodec
{
    /// <summary>What the request of an id is said to hold; null: nothing is counted, and four bytes are a token.</summary>
    public Func<string, TokenEstimate>? OnEstimate { get; set; }

    /// <summary>The limit on output that the request of an id sets.</summary>
    public Func<string, int?>? OnOutputLimit { get; set; }

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

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => OnOutputLimit?.Invoke(IdIn(request));

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        OnEstimate?.Invoke(IdIn(request)) ?? TokenEstimate.FromBytes(request.Length);

    private static string IdIn(ReadOnlyMemory<byte> request) => CustomIdIn(Encoding.UTF8.GetString(request.Span));
}
