using System.Buffers;
using System.Text;
using System.Text.Json;
using Offpeak.Providers;

namespace Offpeak.Storage.Sql;

/// <summary>Small values that are kept as JSON in one column.</summary>
internal static class JsonColumn
{
    public static string? WritePairs(IReadOnlyDictionary<string, string>? pairs) => pairs is null or { Count: 0 } ? null : Write(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in pairs)
            json.WriteString(StorableText.From(name), StorableText.From(value));

        json.WriteEndObject();
    });

    public static Dictionary<string, string>? ReadPairs(string? text)
    {
        if (text is null)
            return null;

        using var document = JsonDocument.Parse(text);
        return document.RootElement.EnumerateObject().ToDictionary(pair => StorableText.Read(pair.Name), pair => ReadString(pair.Value), StringComparer.Ordinal);
    }

    public static string? WriteIds(IReadOnlyList<string> ids) => ids.Count == 0 ? null : Write(json =>
    {
        json.WriteStartArray();
        foreach (var id in ids)
            json.WriteStringValue(StorableText.From(id));

        json.WriteEndArray();
    });

    public static string[] ReadIds(string? text)
    {
        if (text is null)
            return [];

        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(ReadString)];
    }

    public static string? WriteCounts(ProviderCounts? counts) => counts is null ? null : Write(json =>
    {
        json.WriteStartObject();
        WriteNumber(json, nameof(counts.Total), counts.Total);
        WriteNumber(json, nameof(counts.Succeeded), counts.Succeeded);
        WriteNumber(json, nameof(counts.Failed), counts.Failed);
        json.WriteEndObject();
    });

    public static ProviderCounts? ReadCounts(string? text)
    {
        if (text is null)
            return null;

        using var document = JsonDocument.Parse(text);
        int? Number(string name) => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
        return new ProviderCounts(Number(nameof(ProviderCounts.Total)), Number(nameof(ProviderCounts.Succeeded)), Number(nameof(ProviderCounts.Failed)));
    }

    // The writer escapes the mark once more, so that the column's own reading does not see it.
    private static string ReadString(JsonElement value) => StorableText.Read(value.GetString() ?? "");

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
