using System.Text.Json;

namespace Offpeak.Cli.Input;

internal sealed class JsonRow(JsonElement root) : Row
{
    public override IEnumerable<string> Columns => root.EnumerateObject().Select(property => property.Name);

    public override Cell Find(string column)
    {
        var value = Element(column);
        return value.ValueKind switch
        {
            JsonValueKind.Undefined => Cell.None,
            JsonValueKind.Null => new Cell(JsonValueKind.Null, ""),
            JsonValueKind.String => new Cell(JsonValueKind.String, value.GetString()!),
            _ => new Cell(value.ValueKind, value.GetRawText()),
        };
    }

    public override JsonElement Element(string column) => root.TryGetProperty(column, out var value) ? value : default;
}
