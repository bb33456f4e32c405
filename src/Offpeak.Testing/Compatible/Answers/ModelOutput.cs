using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>What the model says: a text, or a call of one of the offered tools when the request demands one.</summary>
/// <param name="Text">The text, or the arguments of the call as JSON.</param>
/// <param name="Tool">Name of the tool; null for a text.</param>
internal sealed record ModelOutput(string Text, string? Tool)
{
    public TokenCounts UsageFor(AnswerRequest request) =>
        new(TokenCounts.Estimate(request.Prompt.Length), TokenCounts.Estimate(Text.Length));

    public static ModelOutput ForChat(AnswerRequest request) =>
        Make(request, SchemaAt(request.Body, "response_format", "json_schema", "schema"), "function");

    public static ModelOutput ForResponses(AnswerRequest request) =>
        Make(request, SchemaAt(request.Body, "text", "format", "schema"), null);

    private static ModelOutput Make(AnswerRequest request, JsonElement? schema, string? toolWrapper)
    {
        if (request.Chosen?.Text is { } chosen)
            return new ModelOutput(chosen, null);
        var text = new PlausibleText(request.Question);
        if (ToolOf(request.Body, toolWrapper) is { } tool)
        {
            var arguments = tool.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                ? JsonSchemaAnswer.Write(parameters, text, request.Hash)
                : "{}";
            return new ModelOutput(arguments, tool.GetProperty("name").GetString());
        }

        return new ModelOutput(schema is { } form ? JsonSchemaAnswer.Write(form, text, request.Hash) : text.Sentence(request.Hash), null);
    }

    private static JsonElement? SchemaAt(JsonElement body, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(name, out body))
                return null;
        }

        return body;
    }

    // Chat wraps a tool in {"function": {…}}, Responses does not; tool_choice follows the same habit.
    private static JsonElement? ToolOf(JsonElement body, string? wrapper)
    {
        if (!body.TryGetProperty("tool_choice", out var choice) || !body.TryGetProperty("tools", out var tools))
            return null;
        var wanted = choice.ValueKind == JsonValueKind.Object ? StringAt(Unwrap(choice, wrapper), "name") : null;
        if (wanted is null && !(choice.ValueKind == JsonValueKind.String && choice.ValueEquals("required")))
            return null;
        foreach (var tool in tools.EnumerateArray().Where(tool => StringAt(tool, "type") == "function"))
        {
            var function = Unwrap(tool, wrapper);
            if (wanted is null || StringAt(function, "name") == wanted)
                return function;
        }

        return null;
    }

    private static JsonElement Unwrap(JsonElement element, string? wrapper) =>
        wrapper is not null && element.TryGetProperty(wrapper, out var inner) ? inner : element;

    private static string? StringAt(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
