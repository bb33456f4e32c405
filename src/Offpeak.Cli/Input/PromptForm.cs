using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Cli.Input;

/// <summary>Rows that hold a prompt or messages, and perhaps a system text or the columns to fill one.</summary>
internal sealed class PromptForm(RowText? systemOfRows, EntryId ids) : InputForm
{
    private int rows;
    private int rowsWithout;
    private string? columns;

    public override InputKind Kind => InputKind.Prompts;

    public override EntryOrProblem Parse(int line, Row row)
    {
        rows++;
        if ((ids.Read(line, row, out var id) ?? SystemProblem(row)) is string problem)
            return problem;

        return (row.Has("prompt"), row.Has("messages")) switch
        {
            (true, true) => "has both \"prompt\" and \"messages\". Keep one of them.",
            (true, false) => Prompt(id, line, row),
            (false, true) => Messages(id, line, row),
            _ => Without(row),
        };
    }

    // A file of which no row has a prompt is one for --prompt: said once, not for every row.
    public override string? Objection(string fileName) => columns is not null && rows > 1 && rows == rowsWithout
        ? $"None of the {rows:N0} rows of {fileName} has a \"prompt\" or \"messages\". The first has the columns {columns}. "
            + "To make a prompt of each row, use --prompt \"… {{column}} …\"."
        : systemOfRows?.Objection(fileName) ?? ids.Objection(fileName);

    private string Without(Row row)
    {
        if (NativeLine.Describe(row) is { } native)
            return native;

        rowsWithout++;
        columns ??= Shown.List([.. row.Columns]);
        return $"has neither \"prompt\" nor \"messages\". It has {Shown.List([.. row.Columns])}. To make prompts of columns, use --prompt.";
    }

    private static string? SystemProblem(Row row) =>
        row.Find("system").Kind is JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String
            ? null
            : "has a \"system\" that is not a string.";

    private EntryOrProblem Prompt(string id, int line, Row row)
    {
        var prompt = row.Find("prompt");
        if (prompt.Kind != JsonValueKind.String)
            return "has a \"prompt\" that is not a string.";
        if (string.IsNullOrWhiteSpace(prompt.Text))
            return "has an empty \"prompt\".";
        return ReadSystem(row, out var system) is string problem ? problem : new PromptEntry(id, line, prompt.Text, system);
    }

    private EntryOrProblem Messages(string id, int line, Row row)
    {
        if (MessageList.Read(row.Element("messages"), out var messages) is string problem)
            return problem;

        if (!messages.Exists(message => message.Role == ChatRole.System))
            return ReadSystem(row, out var system) is string missing ? missing : new MessagesEntry(id, line, messages, system);

        return OwnSystem(row) is null
            ? new MessagesEntry(id, line, messages, System: null)
            : "has a \"system\" text and a system message. Keep one of them.";
    }

    // A row's own text goes before that of all rows.
    private string? ReadSystem(Row row, out string? system)
    {
        system = OwnSystem(row);
        return system is null ? systemOfRows?.Fill(row, out system) : null;
    }

    private static string? OwnSystem(Row row) => row.Find("system") is { Text.Length: > 0 } given ? given.Text : null;
}
