using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>
/// Writes the next turn of a conversation into a request body. The model's answer is taken over as it came, so that what the library does
/// not know (encrypted reasoning, new item types) is sent back too.
/// </summary>
internal static class OpenAIContinuation
{
    public static byte[] Continue(
        EndpointKind kind, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        var list = kind == EndpointKind.Chat ? "messages" : "input";
        var body = JsonEdit.Parse(request);
        var answered = JsonEdit.Parse(answer);
        var turns = TurnsOf(body, list);
        foreach (var item in AnswerOf(kind, answered).Concat(FurtherOf(kind, list, body, messages)))
            turns.Add(item?.DeepClone());
        body[list] = turns;
        return JsonEdit.Write(body);
    }

    private static JsonArray FurtherOf(EndpointKind kind, string list, JsonObject body, IReadOnlyList<ChatMessage> messages) =>
        messages.Count == 0
            ? []
            : JsonEdit.Parse(OpenAIBodyEncoder.Encode(kind, body["model"]?.GetValue<string>() ?? "m", messages, options: null))[list]!.AsArray();

    /// <summary>A Responses input may be a bare text (OpenAI API reference, Responses, Create, input).</summary>
    private static JsonArray TurnsOf(JsonObject body, string list) => body[list] switch
    {
        JsonArray turns => turns.DeepClone().AsArray(),
        JsonValue text => [new JsonObject { ["role"] = "user", ["content"] = text.DeepClone() }],
        _ => throw Refuse($"The request has no '{list}' to go on from."),
    };

    private static IList<JsonNode?> AnswerOf(EndpointKind kind, JsonObject answer)
    {
        if (kind == EndpointKind.Chat)
            return new[] { answer["choices"]?[0]?["message"] ?? throw Refuse("The answer holds no message to go on from.") };
        return answer["output"] as JsonArray ?? throw Refuse("The answer holds no output to go on from.");
    }

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
