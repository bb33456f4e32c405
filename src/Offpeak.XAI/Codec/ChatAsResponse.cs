using System.Text.Json.Nodes;
using Offpeak.Kit.Json;

namespace Offpeak.XAI.Codec;

/// <summary>Writes a chat completion's message as the output items of a response, so that a Responses conversation can go on from it.</summary>
internal static class ChatAsResponse
{
    public static byte[] Write(ReadOnlyMemory<byte> chat)
    {
        var message = JsonEdit.Parse(chat)["choices"]?[0]?["message"] as JsonObject
            ?? throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The answer holds no message to go on from.");
        var output = new JsonArray();
        if (message["content"] is { } content)
            output.Add((JsonNode)new JsonObject { ["type"] = "message", ["role"] = "assistant", ["content"] = ContentOf(content) });
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
            output.Add((JsonNode)CallOf(call));
        return JsonEdit.Write(new JsonObject { ["output"] = output });
    }

    private static JsonNode ContentOf(JsonNode content) => content is JsonValue
        ? new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = content.DeepClone() })
        : content.DeepClone();

    private static JsonObject CallOf(JsonNode? call) => new()
    {
        ["type"] = "function_call",
        ["call_id"] = call?["id"]?.DeepClone(),
        ["name"] = call?["function"]?["name"]?.DeepClone(),
        ["arguments"] = call?["function"]?["arguments"]?.DeepClone(),
    };
}
