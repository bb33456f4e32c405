using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>Requests <c>{"model","messages":[{"role","text"}],"max"}</c>, answers <c>{"text"}</c>; or <c>{"embed"}</c> and <c>{"vector"}</c>.</summary>
public sealed class AcmeCodec : IEntryCodec, IEmbeddingCodec
{
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        var request = new JsonObject { ["model"] = model, ["messages"] = new JsonArray([.. messages.Select(ToJson)]) };
        if (options?.MaxOutputTokens is { } most)
            request["max"] = most;

        return JsonEdit.Write(request);
    }

    public byte[] EncodeEmbedding(string model, string input) => JsonEdit.Write(new JsonObject { ["model"] = model, ["embed"] = input });

    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonScan.Options);
        return reader.Read() ? reader.TextIn("text"u8) : null;
    }

    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) =>
        new(new ChatMessage(ChatRole.Assistant, ReadText(endpoint, body.Span)));

    public IReadOnlyList<Embedding<float>> DecodeEmbeddings(ReadOnlyMemory<byte> body) => JsonEdit.Parse(body)["vector"] is JsonArray vector
        ? [new Embedding<float>(vector.Select(number => number!.GetValue<float>()).ToArray())]
        : throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The answer holds no vector.");

    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        var next = JsonEdit.Parse(request);
        var turns = next["messages"]!.AsArray();
        turns.Add(new JsonObject { ["role"] = "assistant", ["text"] = ReadText(endpoint, answer.Span) });
        foreach (var message in messages)
            turns.Add(ToJson(message));

        return JsonEdit.Write(next);
    }

    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => JsonEdit.Multiply(request, factor, "max");

    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => JsonTolerance.FirstInt(request, "max");

    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);

    private static JsonNode ToJson(ChatMessage message) => new JsonObject { ["role"] = message.Role.Value, ["text"] = message.Text };
}
