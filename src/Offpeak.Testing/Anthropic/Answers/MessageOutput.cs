using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>What the model says: texts, or a call of one of the offered tools when the request demands one.</summary>
/// <param name="Play">What is said; for a call, its input as JSON.</param>
/// <param name="Tool">Name of the tool; null for a text.</param>
internal sealed record MessageOutput(AnswerPlay Play, string? Tool)
{
    public TokenCounts UsageFor(AnswerRequest request) => new(TokenCounts.Estimate(request.Prompt.Length), Play.Output);

    public static MessageOutput Of(AnswerRequest request)
    {
        if (request.Chosen?.Text is { } chosen)
            return new MessageOutput(AnswerPlay.Of(script: null, chosen, limit: null), null);
        var text = new PlausibleText(request.Question);
        if (ToolOf(request.Body) is { } tool)
        {
            var input = At(tool, "input_schema") is { ValueKind: JsonValueKind.Object } form ? JsonSchemaAnswer.Write(form, text, request.Hash) : "{}";
            return new MessageOutput(AnswerPlay.Of(script: null, input, limit: null), tool.GetProperty("name").GetString());
        }

        var schema = At(At(At(request.Body, "output_config"), "format"), "schema");
        var said = schema is { } wanted ? JsonSchemaAnswer.Write(wanted, text, request.Hash) : text.Sentence(request.Hash);
        return new MessageOutput(AnswerPlay.Of(request, said, At(request.Body, "max_tokens"), PausesIn(request.Body)), null);
    }

    // A pause was a call of the server's own tool that had no result yet; the conversation goes on from it.
    private static int PausesIn(JsonElement body) => At(body, "messages") is not { ValueKind: JsonValueKind.Array } messages ? 0
        : messages.EnumerateArray().Count(message => At(message, "content") is { ValueKind: JsonValueKind.Array } blocks
            && blocks.EnumerateArray().Any(block => At(block, "type") is { ValueKind: JsonValueKind.String } type && type.ValueEquals(WrittenMessage.ServerTool)));

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
