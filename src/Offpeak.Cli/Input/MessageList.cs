using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Cli.Input;

/// <summary>Reads an array of messages; what it does not know it refuses, since leaving it out would change the prompt.</summary>
internal static class MessageList
{
    private const string UseBatchLines = "Use OpenAI's batch format for such requests.";

    public static string? Read(JsonElement array, out List<ChatMessage> messages)
    {
        messages = [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0)
            return "has \"messages\" that are not an array of at least one message.";

        foreach (var element in array.EnumerateArray())
        {
            if (ReadMessage(element, out var message) is string problem)
                return $"message {messages.Count + 1} {problem}";
            messages.Add(message);
        }

        return null;
    }

    private static string? ReadMessage(JsonElement element, out ChatMessage message)
    {
        message = new ChatMessage();
        if (element.ValueKind != JsonValueKind.Object)
            return "is not a JSON object.";
        foreach (var property in element.EnumerateObject())
        {
            if (!property.NameEquals("role") && !property.NameEquals("content"))
                return $"has {Shown.Quoted(property.Name)}, which is not understood here. {UseBatchLines}";
        }

        return ReadRole(element, message) ?? ReadContent(element, message);
    }

    private static string? ReadRole(JsonElement element, ChatMessage message)
    {
        if (!element.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String)
            return "has no \"role\".";

        var name = role.GetString()!;
        message.Role = new ChatRole(name);
        return name is "system" or "user" or "assistant" ? null : $"has the role {Shown.Quoted(name)}. Use system, user or assistant.";
    }

    private static string? ReadContent(JsonElement element, ChatMessage message)
    {
        element.TryGetProperty("content", out var content);
        if (content.ValueKind == JsonValueKind.String)
            return AddText(content, message);
        if (content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
            return "has no \"content\".";

        foreach (var part in content.EnumerateArray())
        {
            if (!IsText(part, out var text))
                return $"has a content part other than {{\"type\":\"text\",\"text\":\"…\"}}. {UseBatchLines}";
            if (AddText(text, message) is string problem)
                return problem;
        }

        return null;
    }

    private static bool IsText(JsonElement part, out JsonElement text)
    {
        text = default;
        return part.ValueKind == JsonValueKind.Object
            && part.GetPropertyCount() == 2
            && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text")
            && part.TryGetProperty("text", out text) && text.ValueKind == JsonValueKind.String;
    }

    private static string? AddText(JsonElement text, ChatMessage message)
    {
        var value = text.GetString()!;
        message.Contents.Add(new TextContent(value));
        return value.Length > 0 ? null : "has empty \"content\".";
    }
}
