using System.Text;
using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>The text of a request: all of it, and the last message, which is most often the question.</summary>
internal sealed class PromptText
{
    private StringBuilder? joined;

    private PromptText()
    {
    }

    public string All => joined?.ToString() ?? Question;

    public string Question { get; private set; } = string.Empty;

    public static PromptText Of(JsonElement body)
    {
        var prompt = new PromptText();
        if (body.TryGetProperty("system", out var system))
            prompt.Add(system);
        if (body.TryGetProperty("instructions", out var instructions))
            prompt.Add(instructions);
        if (body.TryGetProperty("messages", out var messages))
            prompt.Add(messages);
        if (body.TryGetProperty("input", out var input))
            prompt.Add(input);
        return prompt;
    }

    // Strings, arrays of parts or messages, and objects with "content" or "text" nest in both APIs in the same way.
    private void Add(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                Add(element.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Add(item);
                break;
            case JsonValueKind.Object when element.TryGetProperty("content", out var content):
                Add(content);
                break;
            case JsonValueKind.Object when element.TryGetProperty("text", out var text):
                Add(text);
                break;
            case JsonValueKind.Object when element.TryGetProperty("output", out var output):
                Add(output);
                break;
        }
    }

    private void Add(string text)
    {
        // Most requests hold one text, which then needs no copy.
        if (Question.Length > 0)
            (joined ??= new StringBuilder(Question)).Append('\n').Append(text);
        Question = text;
    }
}
