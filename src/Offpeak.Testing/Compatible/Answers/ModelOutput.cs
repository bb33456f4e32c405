using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>What the model says: a text for each choice, or a call of one of the offered tools when the request demands one.</summary>
/// <param name="Choices">The texts; empty for a call.</param>
/// <param name="Tool">Name of the tool; null for a text.</param>
/// <param name="Arguments">The arguments of the call as JSON.</param>
internal sealed record ModelOutput(IReadOnlyList<AnswerPlay> Choices, string? Tool = null, string Arguments = "")
{
    private const int MostChoices = 128;

    public long Thoughts => Choices.Sum(choice => choice.Thoughts);

    public TokenCounts UsageFor(AnswerRequest request) => new(
        TokenCounts.Estimate(request.Prompt.Length), Tool is null ? Choices.Sum(choice => choice.Output) : TokenCounts.Estimate(Arguments.Length));

    public static ModelOutput ForChat(AnswerRequest request) => Make(
        request, SchemaAt(request.Body, "response_format", "json_schema", "schema"), "function",
        At(request.Body, "max_completion_tokens") ?? At(request.Body, "max_tokens"));

    public static ModelOutput ForResponses(AnswerRequest request) =>
        Make(request, SchemaAt(request.Body, "text", "format", "schema"), null, At(request.Body, "max_output_tokens"));

    private static ModelOutput Make(AnswerRequest request, JsonElement? schema, string? toolWrapper, JsonElement? limit)
    {
        if (request.Chosen?.Text is { } chosen)
            return new ModelOutput([AnswerPlay.Of(request, chosen, limit)]);
        var text = new PlausibleText(request.Question);
        if (ToolOf(request.Body, toolWrapper) is { } tool)
        {
            var arguments = tool.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                ? JsonSchemaAnswer.Write(parameters, text, request.Hash)
                : "{}";
            return new ModelOutput([], tool.GetProperty("name").GetString(), arguments);
        }

        var count = At(request.Body, "n") is { ValueKind: JsonValueKind.Number } n && n.TryGetInt32(out var wanted) ? Math.Clamp(wanted, 1, MostChoices) : 1;
        return new ModelOutput([.. Enumerable.Range(0, count).Select(Choice)]);

        AnswerPlay Choice(int index)
        {
            // Neighbours, so that the texts differ.
            var hash = request.Hash + (ulong)index;
            return AnswerPlay.Of(request, schema is { } form ? JsonSchemaAnswer.Write(form, text, hash) : text.Sentence(hash), limit);
        }
    }

    private static JsonElement? At(JsonElement body, string name) => SchemaAt(body, name);

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
