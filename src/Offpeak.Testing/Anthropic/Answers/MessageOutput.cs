using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>What the model says: a text, or a call of one of the offered tools when the request demands one.</summary>
/// <param name="Text">The text, or the input of the call as JSON.</param>
/// <param name="Tool">Name of the tool; null for a text.</param>
internal sealed record MessageOutput(string Text, string? Tool)
{
    public TokenCounts UsageFor(AnswerRequest request) =>
        new(TokenCounts.Estimate(request.Prompt.Length), TokenCounts.Estimate(Text.Length));

    public static MessageOutput Of(AnswerRequest request)
    {
        if (request.Chosen?.Text is { } chosen)
            return new MessageOutput(chosen, null);
        var text = new PlausibleText(request.Question);
        if (ToolOf(request.Body) is { } tool)
        {
            var input = At(tool, "input_schema") is { ValueKind: JsonValueKind.Object } form ? JsonSchemaAnswer.Write(form, text, request.Hash) : "{}";
            return new MessageOutput(input, tool.GetProperty("name").GetString());
        }

        var schema = At(At(At(request.Body, "output_config"), "format"), "schema");
        return new MessageOutput(schema is { } wanted ? JsonSchemaAnswer.Write(wanted, text, request.Hash) : text.Sentence(request.Hash), null);
    }

    private static JsonElement? ToolOf(JsonElement body)
    {
        if (At(body, "tool_choice") is not { } choice || At(body, "tools") is not { ValueKind: JsonValueKind.Array } tools)
            return null;
        var kind = At(choice, "type")?.GetString();
        var wanted = kind == "tool" ? At(choice, "name")?.GetString() : null;
        if (kind is not ("tool" or "any"))
            return null;
        return tools.EnumerateArray()
            .Where(tool => At(tool, "input_schema") is not null && (wanted is null || At(tool, "name")?.GetString() == wanted))
            .Select(tool => (JsonElement?)tool)
            .FirstOrDefault();
    }

    private static JsonElement? At(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out var value) ? value : null;
}
