using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Gemini;

/// <summary>Protobuf's JSON: names in camel case or as the schema spells them, and times with nine digits.</summary>
internal static class ProtobufJson
{
    public static JsonElement At(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object
                || (!element.TryGetProperty(name, out var child) && !element.TryGetProperty(Snake(name), out child)))
                return default;
            element = child;
        }

        return element;
    }

    public static string? Text(JsonElement element, params ReadOnlySpan<string> path) =>
        At(element, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    public static JsonObject Count(params ReadOnlySpan<(string Name, int Value)> counts)
    {
        var stats = new JsonObject();
        foreach (var (name, value) in counts)
        {
            if (value > 0)
                stats[name] = value.ToString();
        }

        return stats;
    }

    private static string Snake(string name)
    {
        var snake = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter))
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }
}
