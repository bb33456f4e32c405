namespace Offpeak.Cli.Input;

/// <summary>Rows of data that fill a prompt template, and perhaps one of a system text.</summary>
internal sealed class TemplateForm(RowText prompt, RowText? system, EntryId ids) : InputForm
{
    public override InputKind Kind => InputKind.TemplateRows;

    public override EntryOrProblem Parse(int line, Row row)
    {
        var text = "";
        string? systemText = null;
        if ((ids.Read(line, row, out var id) ?? prompt.Fill(row, out text) ?? system?.Fill(row, out systemText)) is string problem)
            return problem;

        return string.IsNullOrWhiteSpace(text) ? "makes an empty prompt." : new PromptEntry(id, line, text, systemText);
    }

    public override string? Objection(string fileName) => prompt.Objection(fileName) ?? system?.Objection(fileName) ?? ids.Objection(fileName);
}
