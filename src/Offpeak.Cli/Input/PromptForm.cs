using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Cli.Input;

/// <summary>Rows that hold a prompt or messages, and perhaps a system text.</summary>
internal sealed class PromptForm : InputForm
{
    public override InputKind Kind => InputKind.Prompts;

    public override EntryOrProblem Parse(int line, Row row)
    {
        if ((EntryId.Read(line, row, out var id) ?? SystemProblem(row)) is string problem)
            return problem;

        var system = row.Find("system") is { Text.Length: > 0 } given ? given.Text : null;
        return (row.Has("prompt"), row.Has("messages")) switch
        {
            (true, true) => "has both \"prompt\" and \"messages\". Keep one of them.",
            (true, false) => Prompt(id, line, row.Find("prompt"), system),
            (false, true) => Messages(id, line, row.Element("messages"), system),
            _ => $"has neither \"prompt\" nor \"messages\". It has {Shown.List([.. row.Columns])}. To make prompts of columns, use --prompt.",
        };
    }

    private static string? SystemProblem(Row row) =>
        row.Find("system").Kind is JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String
            ? null
            : "has a \"system\" that is not a string.";

    private static EntryOrProblem Prompt(string id, int line, Cell prompt, string? system) =>
        prompt.Kind != JsonValueKind.String ? "has a \"prompt\" that is not a string."
        : string.IsNullOrWhiteSpace(prompt.Text) ? "has an empty \"prompt\"."
        : new PromptEntry(id, line, prompt.Text, system);

    private static EntryOrProblem Messages(string id, int line, JsonElement array, string? system)
    {
        if (MessageList.Read(array, out var messages) is string problem)
            return problem;
        return system is not null && messages.Exists(message => message.Role == ChatRole.System)
            ? "has a \"system\" text and a system message. Keep one of them."
            : new MessagesEntry(id, line, messages, system);
    }
}
