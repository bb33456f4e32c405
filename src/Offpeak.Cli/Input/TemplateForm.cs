namespace Offpeak.Cli.Input;

/// <summary>Rows of data that fill a prompt template.</summary>
internal sealed class TemplateForm(PromptTemplate template) : InputForm
{
    private const int MostColumns = 200;

    private readonly HashSet<string> neverSeen = [.. template.Columns];
    private readonly HashSet<string> columns = [];

    public override InputKind Kind => InputKind.TemplateRows;

    public override EntryOrProblem Parse(int line, Row row)
    {
        NoteColumns(row);
        if (EntryId.Read(line, row, out var id) is string problem)
            return problem;
        if (template.Fill(row, out var prompt) is string missing)
            return $"has no column {Shown.Quoted(missing)}. It has {Shown.List([.. row.Columns])}.";
        return string.IsNullOrWhiteSpace(prompt) ? "makes an empty prompt." : new PromptEntry(id, line, prompt, System: null);
    }

    public override string? Objection(string fileName)
    {
        if (neverSeen.Count == 0)
            return null;
        var asked = string.Join(" and ", neverSeen.Select(Quote));
        return $"The prompt asks for {asked}, but {fileName} has no such column.{Nearest.Suggest(neverSeen.First(), columns, Quote)} Its columns are: {Shown.List(columns)}.";
    }

    private static string Quote(string column) => $"{{{{{Shown.Plain(column)}}}}}";

    // Only while a column is still unaccounted for, which in a good file is the first row.
    private void NoteColumns(Row row)
    {
        if (neverSeen.Count == 0)
            return;
        neverSeen.RemoveWhere(row.Has);
        columns.UnionWith(row.Columns.Take(MostColumns - columns.Count));
    }
}
