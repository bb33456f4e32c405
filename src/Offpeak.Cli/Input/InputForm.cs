namespace Offpeak.Cli.Input;

/// <summary>How the rows of a file become entries.</summary>
internal abstract class InputForm
{
    public abstract InputKind Kind { get; }

    public abstract EntryOrProblem Parse(int line, Row row);

    /// <summary>After all rows: what is wrong with the file as a whole, or null.</summary>
    public virtual string? Objection(string fileName) => null;

    /// <summary>Chooses by the first row: the forms of one file are not mixed.</summary>
    public static InputForm For(Row firstRow, RowText? prompt, RowText? system, EntryId ids) =>
        prompt is not null ? new TemplateForm(prompt, system, ids)
        : BatchLineForm.Recognises(firstRow) ? new BatchLineForm()
        : new PromptForm(system, ids);
}
