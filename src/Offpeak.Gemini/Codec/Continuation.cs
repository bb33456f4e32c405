using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>
/// Writes the next turn of a conversation into a request body. The model's answer is taken over as it came, so that thought signatures and
/// part types that we do not know are sent back too.
/// </summary>
internal static class Continuation
{
    public static byte[] Continue(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        var body = JsonEdit.Parse(request);
        if (body["contents"] is not JsonArray turns)
            throw Refusal.Input("The request has no 'contents' to go on from.");
        if (JsonEdit.Parse(answer) is not { } answered || (answered["candidates"] as JsonArray)?.FirstOrDefault()?["content"] is not JsonObject said)
            throw Refusal.Input("The answer holds no content to go on from.");
        said = said.DeepClone().AsObject();
        said["role"] ??= "model";
        turns.Add((JsonNode)said);
        if (messages.Count == 0)
            return JsonEdit.Write(body);
        var further = JsonEdit.Parse(Encode(turns, messages));
        foreach (var turn in further["contents"]!.AsArray())
            turns.Add(turn!.DeepClone());
        if (further["systemInstruction"] is JsonObject more)
            AddInstruction(body, more);
        return JsonEdit.Write(body);
    }

    private static byte[] Encode(JsonArray turns, IReadOnlyList<ChatMessage> messages) => JsonBytes.Write(json =>
    {
        var writer = new MessageWriter(json);
        foreach (var turn in turns)
            NoteCalls(writer, turn?["parts"] as JsonArray ?? []);
        json.WriteStartObject();
        writer.WriteContents(messages);
        writer.WriteSystemInstruction(messages, instructions: null);
        json.WriteEndObject();
    });

    private static void NoteCalls(MessageWriter writer, JsonArray parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i]?["functionCall"] is JsonObject call && (string?)call["name"] is { } name)
                writer.NoteCall((string?)call["id"] ?? CallIds.Make(i, name), name);
        }
    }

    private static void AddInstruction(JsonObject body, JsonObject more)
    {
        var name = body.ContainsKey("system_instruction") ? "system_instruction" : "systemInstruction";
        if (body[name]?["parts"] is not JsonArray parts)
        {
            body[name] = more.DeepClone();
            return;
        }

        foreach (var part in more["parts"]!.AsArray())
            parts.Add(part!.DeepClone());
    }
}
