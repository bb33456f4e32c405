using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>A number within a schema's bounds.</summary>
internal static class JsonSchemaNumber
{
    private const int DefaultSpan = 100;

    public static void Write(Utf8JsonWriter writer, JsonElement schema, ulong hash, bool integer)
    {
        var step = Bound(schema, "multipleOf") ?? (integer ? 1m : 0.01m);
        var (low, high) = Range(schema, step);
        var steps = (ulong)Math.Max(0, Math.Min(decimal.Floor((high - low) / step), int.MaxValue));
        var value = low + ((decimal)(hash % (steps + 1)) * step);
        if (integer && value == decimal.Truncate(value))
            writer.WriteNumberValue(decimal.Truncate(value));
        else
            writer.WriteNumberValue(value);
    }

    private static (decimal Low, decimal High) Range(JsonElement schema, decimal step)
    {
        var least = Bound(schema, "minimum");
        var above = Bound(schema, "exclusiveMinimum");
        var most = Bound(schema, "maximum");
        var below = Bound(schema, "exclusiveMaximum");
        var high = most ?? below;
        var low = least ?? above ?? (high < 0 ? high.Value - DefaultSpan : 0);
        low = decimal.Ceiling(low / step) * step;
        if (low <= above)
            low += step;
        high ??= low + DefaultSpan;
        if (high == below)
            high -= step;
        return (low, Math.Max(low, high.Value));
    }

    private static decimal? Bound(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            ? number
            : null;
}
