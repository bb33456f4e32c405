using System.Text.Json;

namespace Offpeak.Cli.Input;

/// <summary>A row's id: its column <c>id</c> or <c>custom_id</c>, else the number of its line.</summary>
internal static class EntryId
{
    public static string? Read(int line, Row row, out string id)
    {
        var column = row.Has("id") ? "id" : "custom_id";
        (var kind, id) = row.Find(column);
        if (kind == JsonValueKind.Undefined)
            id = line.ToString();
        return kind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Number => null,
            JsonValueKind.String => string.IsNullOrWhiteSpace(id) ? $"has an empty \"{column}\"." : null,
            _ => $"has a value for \"{column}\" that is neither a string nor a number.",
        };
    }
}
