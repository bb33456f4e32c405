namespace Offpeak.Cli.Input;

/// <summary>A template that the rows of a file fill, and the columns it asks for that no row has had yet.</summary>
/// <param name="name">What is filled, for messages.</param>
/// <param name="template">The template.</param>
/// <param name="quote">Shows a column's name; null as the template does.</param>
internal sealed class RowText(string name, PromptTemplate template, Func<string, string>? quote = null)
{
    private const int MostColumns = 200;

    private readonly HashSet<string> neverSeen = [.. template.Columns];
    private readonly HashSet<string> columns = [];
    private bool isAsked;

    /// <summary>Fills in the values of a row, or says what is wrong with it.</summary>
    public string? Fill(Row row, out string text)
    {
        NoteColumns(row);
        return template.Fill(row, out text) is string missing ? $"has no column {Shown.Quoted(missing)}. It has {Shown.List([.. row.Columns])}." : null;
    }

    /// <summary>After all rows: a column that none of them had, or null.</summary>
    public string? Objection(string fileName)
    {
        if (neverSeen.Count == 0 || !isAsked)
            return null;
        var asked = string.Join(" and ", neverSeen.Select(Show));
        return $"The {name} asks for {asked}, but {fileName} has no such column.{Nearest.Suggest(neverSeen.First(), columns, Show)} Its columns are: {Shown.List(columns)}.";
    }

    private string Show(string column) => quote?.Invoke(column) ?? $"{{{{{Shown.Plain(column)}}}}}";

    // Only while a column is still unaccounted for, which in a good file is the first row.
    private void NoteColumns(Row row)
    {
        isAsked = true;
        if (neverSeen.Count == 0)
            return;
        neverSeen.RemoveWhere(row.Has);
        columns.UnionWith(row.Columns.Take(MostColumns - columns.Count));
    }
}
