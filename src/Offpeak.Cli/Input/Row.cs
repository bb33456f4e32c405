using System.Text.Json;

namespace Offpeak.Cli.Input;

/// <summary>One row of named values, from a JSON object or a CSV record; valid until the next row is read.</summary>
internal abstract class Row
{
    public abstract IEnumerable<string> Columns { get; }

    /// <summary>The value of a column and the kind it was written as; <see cref="JsonValueKind.Undefined"/> when there is none.</summary>
    public abstract Cell Find(string column);

    /// <summary>The value as JSON; undefined when there is none or the row is not JSON.</summary>
    public virtual JsonElement Element(string column) => default;

    public bool Has(string column) => Find(column).Kind != JsonValueKind.Undefined;
}

/// <summary>A value as text: strings decoded, null as no text, everything else as it is written.</summary>
internal readonly record struct Cell(JsonValueKind Kind, string Text)
{
    public static Cell None => new(JsonValueKind.Undefined, "");
}
