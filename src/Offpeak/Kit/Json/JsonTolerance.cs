using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Offpeak.Kit.Json;

/// <summary>Reads of JSON that never throw on a missing field or a wrong type.</summary>
[Experimental("OFFPEAK001")]
public static class JsonTolerance
{
    /// <summary>A field of an object; null if it is absent or null, or if this is no object.</summary>
    public static JsonElement? Child(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null
            ? child
            : null;

    /// <summary>Text, or a number as text; null if absent, empty, of another type or not valid Unicode.</summary>
    public static string? Text(this JsonElement element, string name) => element.Child(name)?.AsText();

    /// <summary>This value as text, by the rules of <see cref="Text"/>.</summary>
    public static string? AsText(this JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is { Length: > 0 } text ? text : null,
                JsonValueKind.Number => element.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A whole number, also when written as text or with a fraction; null for anything else.</summary>
    public static int? WholeNumber(this JsonElement element, string name) =>
        element.Text(name) is { } text && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : null;

    /// <summary>True or false; null for anything else.</summary>
    public static bool? Bool(this JsonElement element, string name) => element.Child(name)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A moment given as Unix seconds, as a number or text, or in ISO 8601.</summary>
    public static DateTimeOffset? Moment(this JsonElement element, string name)
    {
        if (element.Text(name) is not { } text)
            return null;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        if (double.TryParse(text, culture, out var seconds))
            return seconds is > 0 and < 253_402_300_800 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
        return DateTimeOffset.TryParse(text, culture, System.Globalization.DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>The first of some whole numbers that a body names at its top; null if it names none or is no JSON object.</summary>
    public static int? FirstInt(ReadOnlyMemory<byte> json, params ReadOnlySpan<string> names)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var name in names)
        {
            if (document.RootElement.WholeNumber(name) is { } number)
                return number;
        }

        return null;
    }
}
