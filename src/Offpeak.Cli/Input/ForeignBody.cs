using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Cli.Input;

/// <summary>
/// Reads the body of an OpenAI batch line as messages and settings, for a provider that does not speak OpenAI's dialect. What has no
/// counterpart is refused by name, since leaving it out would change the request.
/// </summary>
internal static class ForeignBody
{
    /// <exception cref="InputException">The body holds something that cannot be carried over.</exception>
    public static NewEntry ToEntry(RawBodyEntry entry)
    {
        using var document = JsonDocument.Parse(entry.Body);
        var (messages, options) = (new List<ChatMessage>(), new ChatOptions());
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
                continue;
            if (Read(property, messages, options) is { } problem)
                throw new InputException($"Line {entry.Line}: the body {problem}. This provider does not take OpenAI's bodies, and it has no counterpart for that.");
        }

        return messages.Count > 0
            ? NewEntry.FromChat(entry.CustomId, messages, options)
            : throw new InputException($"Line {entry.Line}: the body has no messages and no input.");
    }

    private static string? Read(JsonProperty property, List<ChatMessage> messages, ChatOptions options) => property.Name switch
    {
        "model" => null,
        "messages" => ReadMessages(property.Value, messages),
        "input" when property.Value.ValueKind == JsonValueKind.String => Add(messages, ChatRole.User, property.Value.GetString()!),
        "input" => ReadMessages(property.Value, messages),
        "instructions" when property.Value.ValueKind == JsonValueKind.String => Insert(messages, property.Value.GetString()!),
        "temperature" => Number(property, number => options.Temperature = (float)number),
        "top_p" => Number(property, number => options.TopP = (float)number),
        "seed" => Number(property, number => options.Seed = (long)number),
        "max_tokens" or "max_completion_tokens" or "max_output_tokens" => Number(property, number => options.MaxOutputTokens = (int)number),
        "stop" => Stop(property.Value, options),
        "response_format" => Format(property.Value, property.Value.Child("json_schema"), options),
        "text" => Format(property.Value.Child("format") ?? default, property.Value.Child("format"), options),
        _ => $"has {Shown.Quoted(property.Name)}",
    };

    private static string? ReadMessages(JsonElement array, List<ChatMessage> messages)
    {
        if (MessageList.Read(array, out var read) is { } problem)
            return problem.TrimEnd('.');
        messages.AddRange(read);
        return null;
    }

    private static string? Add(List<ChatMessage> messages, ChatRole role, string text)
    {
        messages.Add(new ChatMessage(role, text));
        return null;
    }

    private static string? Insert(List<ChatMessage> messages, string system)
    {
        messages.Insert(0, new ChatMessage(ChatRole.System, system));
        return null;
    }

    private static string? Number(JsonProperty property, Action<double> set)
    {
        if (property.Value.ValueKind != JsonValueKind.Number)
            return $"has a {Shown.Quoted(property.Name)} that is not a number";
        set(property.Value.GetDouble());
        return null;
    }

    private static string? Stop(JsonElement stop, ChatOptions options)
    {
        string[]? words = stop.ValueKind switch
        {
            JsonValueKind.String => [stop.GetString()!],
            JsonValueKind.Array => [.. stop.EnumerateArray().Select(word => word.AsText() ?? "")],
            _ => null,
        };
        options.StopSequences = words;
        return words is null ? "has a \"stop\" that is neither a text nor a list" : null;
    }

    private static string? Format(JsonElement format, JsonElement? described, ChatOptions options)
    {
        options.ResponseFormat = format.Text("type") switch
        {
            "json_schema" when described?.Child("schema") is { } schema => ChatResponseFormat.ForJsonSchema(schema.Clone(), described?.Text("name")),
            "json_object" => ChatResponseFormat.Json,
            "text" => ChatResponseFormat.Text,
            _ => null,
        };
        return options.ResponseFormat is null ? "has an answer format" : null;
    }
}
