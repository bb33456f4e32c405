using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>
/// Writes messages as contents. The roles are user and model; what tools returned is the user's, and the results of calls made together
/// stand together.
/// </summary>
internal sealed class MessageWriter(Utf8JsonWriter json)
{
    private readonly Dictionary<string, string> namesByCallId = new(StringComparer.Ordinal);

    /// <summary>Lets results be written for a call that is in no message here.</summary>
    public void NoteCall(string callId, string name) => namesByCallId[callId] = name;

    public void WriteContents(IEnumerable<ChatMessage> messages)
    {
        json.WriteStartArray("contents");
        var afterTool = false;
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System || message.Contents.Count == 0)
                continue;
            var isTool = message.Role == ChatRole.Tool;
            if (afterTool && !isTool)
                End();
            if (!afterTool || !isTool)
                Start(message.Role);
            foreach (var content in message.Contents)
                PartWriter.Write(json, content, namesByCallId);
            if (!isTool)
                End();
            afterTool = isTool;
        }

        if (afterTool)
            End();
        json.WriteEndArray();
    }

    /// <summary>System messages, wherever they stand, and the instructions become one system instruction, in order.</summary>
    /// <returns>Whether there was anything to write.</returns>
    public bool WriteSystemInstruction(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var texts = messages.Where(message => message.Role == ChatRole.System).SelectMany(message => message.Contents).Select(TextOf);
        if (!string.IsNullOrEmpty(instructions))
            texts = texts.Prepend(instructions);
        var started = false;
        foreach (var text in texts)
        {
            if (!started)
            {
                json.WriteStartObject("systemInstruction");
                json.WriteStartArray("parts");
            }

            started = true;
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        if (started)
            End();
        return started;
    }

    private static string TextOf(AIContent content) => content is TextContent text
        ? text.Text
        : throw Refusal.Input($"A system message can hold only text for Gemini, not {content.GetType().Name}.");

    private void Start(ChatRole role)
    {
        json.WriteStartObject();
        json.WriteString("role", role == ChatRole.Assistant ? "model" : "user");
        json.WriteStartArray("parts");
    }

    private void End()
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
