using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>A string of the format and length that a schema asks for. Patterns are not followed.</summary>
internal static class JsonSchemaString
{
    private static readonly DateTimeOffset Epoch = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Make(JsonElement schema, string? name, PlausibleText text, ulong hash)
    {
        if (schema.TryGetProperty("format", out var format) && Formatted(format.GetString(), hash) is { } formatted)
            return formatted;
        return Fit(schema, Worded(name, text, hash));
    }

    private static string Worded(string? name, PlausibleText text, ulong hash) => name?.ToLowerInvariant() switch
    {
        "category" or "topic" or "label" or "subject" => text.Category,
        "summary" or "description" or "reason" or "explanation" => text.Summary,
        _ => text.Phrase(hash),
    };

    private static string? Formatted(string? format, ulong hash) => format switch
    {
        "date-time" => Moment(hash).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        "date" => Moment(hash).ToString("yyyy-MM-dd"),
        "time" => Moment(hash).ToString("HH:mm:ss'Z'"),
        "duration" => $"P{(hash % 30) + 1}D",
        "email" => $"person{hash % 1000}@example.com",
        "uri" => $"https://example.com/{hash % 1000}",
        "hostname" => $"host{hash % 1000}.example.com",
        "ipv4" => $"192.0.2.{hash % 255}",
        "ipv6" => $"2001:db8::{hash % 9999}",
        "uuid" => UuidOf(hash),
        _ => null,
    };

    private static DateTimeOffset Moment(ulong hash) => Epoch.AddMinutes(hash % 500_000);

    private static string UuidOf(ulong hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, hash);
        BitConverter.TryWriteBytes(bytes[8..], StableHash.Mix(hash, 1));
        return new Guid(bytes).ToString();
    }

    private static string Fit(JsonElement schema, string value)
    {
        if (schema.TryGetProperty("minLength", out var least) && least.TryGetInt32(out var length))
            value = value.PadRight(length, '.');
        if (schema.TryGetProperty("maxLength", out var most) && most.TryGetInt32(out length) && value.Length > length)
            value = value[..length];
        return value;
    }
}
