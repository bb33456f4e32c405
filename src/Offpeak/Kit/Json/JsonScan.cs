using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Offpeak.Kit.Json;

/// <summary>Reads of a forward reader's current value that never throw on a wrong type or on text that is not valid Unicode.</summary>
[Experimental("OFFPEAK001")]
public static class JsonScan
{
    /// <summary>Deep enough for any schema or tool call seen, shallow enough to stop a hostile line.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 1_100 };

    /// <summary>Whether the current property has this name.</summary>
    public static bool IsNamed(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.ValueIsEscaped
        ? reader.TextOrNull() is { } text && Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(name)
        : reader.ValueSpan.SequenceEqual(name);

    /// <summary>The current string, or a number as it is written; null for anything else. Half surrogate pairs become U+FFFD.</summary>
    public static string? TextOrNull(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return Encoding.ASCII.GetString(reader.ValueSpan);
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            return null;
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return LenientText.Unescape(reader.ValueSpan);
        }
    }

    /// <summary>The current value as a whole number, also when written as text or with a fraction; null for anything else.</summary>
    public static long? NumberOrNull(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            return null;
        var digits = reader.ValueSpan;
        if (Utf8Parser.TryParse(digits, out long number, out var used) && used == digits.Length)
            return number;
        return Utf8Parser.TryParse(digits, out double real, out used) && used == digits.Length && Math.Abs(real) < 9e15 ? (long)real : null;
    }

    /// <summary>Whether the current value is a string that holds more than white space.</summary>
    public static bool HasWords(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return false;
        var text = reader.ValueSpan;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is (byte)'n' or (byte)'r' or (byte)'t')
                i++;
            else if (text[i] != ' ')
                return true;
        }

        return false;
    }

    /// <summary>Moves to the end of the current value, so that the next read is whatever follows it.</summary>
    public static void SkipValue(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            reader.Skip();
    }

    /// <summary>In an object: moves to the value of the next property, or returns false at the object's end.</summary>
    public static bool NextProperty(this ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Reads the value of the current property to its end: text, or null for anything else.</summary>
    public static string? NextText(this ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TextOrNull();
        reader.SkipValue();
        return text;
    }

    /// <summary>Reads the value of the current property to its end: a number, or null for anything else.</summary>
    public static long? NextNumber(this ref Utf8JsonReader reader)
    {
        reader.Read();
        var number = reader.NumberOrNull();
        reader.SkipValue();
        return number;
    }

    /// <summary>Passes over the value of the current property.</summary>
    public static void NextIgnored(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.SkipValue();
    }

    /// <summary>Reads the current value to its end: the first text under a name in it, or null.</summary>
    public static string? TextIn(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        string? text = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return null;
        }

        while (reader.NextProperty())
        {
            if (text is null && reader.IsNamed(name))
                text = reader.NextText();
            else
                reader.NextIgnored();
        }

        return text;
    }
}
