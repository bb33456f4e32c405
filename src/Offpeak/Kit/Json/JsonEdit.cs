using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Kit.Json;

/// <summary>Changes to stored bodies, which are few: numbers keep their digits, and the result is one line.</summary>
[Experimental("OFFPEAK001")]
public static class JsonEdit
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_100 };

    private static readonly JsonWriterOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_100 };

    /// <summary>Reads an object that can be changed.</summary>
    /// <exception cref="OffpeakException">The bytes are not one JSON object.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonNode.Parse(json.Span, documentOptions: Deep) as JsonObject
                ?? throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The body is no JSON object.");
        }
        catch (JsonException cause)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The body is not valid JSON.", cause);
        }
    }

    /// <summary>The node as UTF-8 on one line.</summary>
    public static byte[] Write(JsonNode node)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, OnOneLine))
            node.WriteTo(writer);
        return bytes.ToArray();
    }

    /// <summary>A copy in which the first of some numbers that exists is multiplied; null if there is none.</summary>
    public static byte[]? Multiply(ReadOnlyMemory<byte> json, double factor, params ReadOnlySpan<string> names)
    {
        var body = Parse(json);
        if (!TryMultiply(body, factor, names))
            return null;
        return Write(body);
    }

    /// <inheritdoc cref="Multiply(ReadOnlyMemory{byte}, double, ReadOnlySpan{string})"/>
    public static bool TryMultiply(JsonObject parent, double factor, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parent[name] is not JsonValue value || !value.TryGetValue(out double number))
                continue;
            parent[name] = (long)Math.Ceiling(number * factor);
            return true;
        }

        return false;
    }
}
