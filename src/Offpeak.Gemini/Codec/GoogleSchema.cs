using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Gemini.Codec;

/// <summary>
/// Turns JSON schemas into Google's own form and back (Gemini API reference, Schema): types in capitals, <c>nullable</c> for null, no
/// references.
/// </summary>
internal static class GoogleSchema
{
    private const int Deepest = 32;

    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "format", "title", "description", "nullable", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties",
        "pattern", "minimum", "maximum", "required", "default", "example", "propertyOrdering",
    };

    // What they say of a schema is no demand on an answer, or is what Google does anyway.
    private static readonly HashSet<string> LeftOut = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$comment", "$defs", "definitions", "additionalProperties", "examples",
    };

    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal)
    {
        "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties",
    };

    /// <exception cref="OffpeakException">It holds a word that the form does not have; the message names it.</exception>
    public static JsonObject Write(JsonElement schema) => Write(JsonNode.Parse(schema.GetRawText()), JsonNode.Parse(schema.GetRawText()), 0);

    /// <summary>The JSON schema that one in Google's form means, with names in either spelling.</summary>
    public static string Read(JsonElement schema) => Read(JsonNode.Parse(schema.GetRawText())!.AsObject()).ToJsonString();

    private static JsonObject Write(JsonNode? node, JsonNode? root, int depth)
    {
        if (node is not JsonObject schema)
            throw Refuse("a schema that is only true or false");
        if (depth > Deepest)
            throw Refuse("a schema that refers to itself, or nests deeper than 32 levels");
        if (schema["$ref"] is { } reference)
            return Write(Target(root, reference.ToString()), root, depth + 1);
        var written = new JsonObject();
        foreach (var (name, value) in schema)
        {
            if (Kept.Contains(name))
                written[name] = value?.DeepClone();
            else if (!LeftOut.Contains(name))
                WriteWord(written, name, value, root, depth);
        }

        return written;
    }

    private static void WriteWord(JsonObject written, string name, JsonNode? value, JsonNode? root, int depth)
    {
        switch (name)
        {
            case "type":
                WriteType(written, value);
                break;
            case "enum" when value is JsonArray choices:
                WriteChoices(written, choices);
                break;
            case "const":
                WriteChoices(written, [value?.DeepClone()]);
                break;
            case "properties" when value is JsonObject properties:
                written[name] = new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Write(property.Value, root, depth + 1))));
                break;
            case "items" when value is JsonObject:
                written[name] = Write(value, root, depth + 1);
                break;
            case "anyOf" or "oneOf" when value is JsonArray shapes && !written.ContainsKey("anyOf"):
                written["anyOf"] = new JsonArray([.. shapes.Select(shape => (JsonNode?)Write(shape, root, depth + 1))]);
                break;
            default:
                throw Refuse($"the word '{name}' of JSON schema");
        }
    }

    private static void WriteType(JsonObject written, JsonNode? value)
    {
        var types = (value is JsonArray several ? several : [value?.DeepClone()]).Select(type => type?.ToString() ?? "").ToList();
        if (types.Remove("null"))
            written["nullable"] = true;
        if (types.Count > 1)
            throw Refuse("several types for one value");
        written["type"] = types is [var only] ? only.ToUpperInvariant() : "NULL";
    }

    private static void WriteChoices(JsonObject written, JsonArray choices)
    {
        if (choices.Any(choice => choice is not null && choice.GetValueKind() != JsonValueKind.String))
            throw Refuse("fixed values that are no texts");
        if (choices.Contains(null))
            written["nullable"] = true;
        written["type"] ??= "STRING";
        written["enum"] = new JsonArray([.. choices.Where(choice => choice is not null).Select(choice => choice!.DeepClone())]);
    }

    private static JsonNode? Target(JsonNode? root, string reference)
    {
        var target = root;
        foreach (var step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            target = target?[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)];
        return reference.StartsWith('#') && target is not null ? target : throw Refuse($"the reference '{reference}'");
    }

    private static JsonObject Read(JsonObject schema)
    {
        var read = new JsonObject();
        var isNullable = schema["nullable"]?.ToString() == "true";
        foreach (var (written, value) in schema)
        {
            var name = CamelCase(written);
            if (name is "nullable" or "propertyOrdering" or "example" || value is null)
                continue;
            read[name] = name switch
            {
                "type" => ReadType(value.ToString(), isNullable),
                "enum" when isNullable && value is JsonArray choices => new JsonArray([.. choices.Select(choice => choice?.DeepClone()), null]),
                "properties" when value is JsonObject properties =>
                    new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, ReadPart(property.Value)))),
                "items" => ReadPart(value),
                "anyOf" when value is JsonArray shapes => new JsonArray([.. shapes.Select(ReadPart)]),
                _ when Counts.Contains(name) => long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null,
                _ => value.DeepClone(),
            };
        }

        return read;
    }

    private static JsonNode? ReadPart(JsonNode? part) => part is JsonObject schema ? Read(schema) : part?.DeepClone();

    private static JsonNode ReadType(string word, bool isNullable)
    {
        var type = word.ToLowerInvariant();
        return isNullable && type != "null" ? new JsonArray(type, "null") : JsonValue.Create(type);
    }

    private static string CamelCase(string name)
    {
        var parts = name.Split('_');
        return parts[0] + string.Concat(parts.Skip(1).Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
    }

    private static OffpeakException Refuse(string what) => Refusal.Input(
        $"Gemini's responseSchema has no counterpart for {what}; leave it out, or send the schema as responseJsonSchema (setting {nameof(GeminiOptions.SchemaField)}).");
}
