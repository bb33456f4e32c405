using System.Text.Json;

namespace Offpeak.Cli.Input;

internal sealed class CsvRow(IReadOnlyDictionary<string, int> header, string[] fields) : Row
{
    public override IEnumerable<string> Columns => header.Keys;

    public override Cell Find(string column) =>
        header.TryGetValue(column, out var index) ? new Cell(JsonValueKind.String, fields[index]) : Cell.None;
}
