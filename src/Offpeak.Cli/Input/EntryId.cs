using System.Text.Json;

namespace Offpeak.Cli.Input;

/// <summary>A row's id: the column that is named, else its column <c>id</c> or <c>custom_id</c>, in capitals or not, else the number of its line.</summary>
/// <param name="named">The column that the command names; null for none.</param>
internal sealed class EntryId(string? named)
{
    private static readonly string[] Usual = ["id", "custom_id"];

    private readonly RowText? column = named is null ? null : new RowText("option --id", PromptTemplate.OfColumn(named), Shown.Quoted);

    /// <summary>Whether a row had no such column, so that it is known by its line.</summary>
    public bool NumbersRows { get; private set; }

    public string? Read(int line, Row row, out string id)
    {
        var name = named ?? NameIn(row);
        if (column?.Fill(row, out _) is string missing)
        {
            id = "";
            return missing;
        }

        (var kind, id) = name is null ? Cell.None : row.Find(name);
        if (kind == JsonValueKind.Undefined)
        {
            NumbersRows = true;
            id = line.ToString();
        }

        return kind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Number => null,
            JsonValueKind.String => string.IsNullOrWhiteSpace(id) ? $"has an empty {Shown.Quoted(name!)}." : null,
            _ => $"has a value for {Shown.Quoted(name!)} that is neither a string nor a number.",
        };
    }

    /// <summary>After all rows: the column that is named and that none of them had, or null.</summary>
    public string? Objection(string fileName) => column?.Objection(fileName);

    // The names are tried as they are first, because most files have one of them and a search costs a pass over the row.
    private static string? NameIn(Row row) =>
        Array.Find(Usual, row.Has) ?? Usual.Select(usual => row.Columns.FirstOrDefault(name => name.Equals(usual, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(name => name is not null);
}
