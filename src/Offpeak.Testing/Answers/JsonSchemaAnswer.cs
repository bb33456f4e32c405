using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Offpeak.Testing;

/// <summary>Writes a value that conforms to a JSON schema, chosen by the question alone.</summary>
internal sealed class JsonSchemaAnswer
{
    private const int DeepNesting = 6;
    private const int DeepestNesting = 64;
    private const int MostReferences = 32;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonElement root;
    private readonly PlausibleText text;
    private readonly Utf8JsonWriter writer;

    private JsonSchemaAnswer(JsonElement root, PlausibleText text, Utf8JsonWriter writer)
    {
        this.root = root;
        this.text = text;
        this.writer = writer;
    }

    public static string Write(JsonElement schema, PlausibleText text, ulong hash)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
            new JsonSchemaAnswer(schema, text, writer).Value(schema, null, hash, 0);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Value(JsonElement schema, string? name, ulong hash, int depth)
    {
        schema = Resolve(schema);
        // Only a schema that demands itself without an end gets here; no value conforms to it.
        if (depth > DeepestNesting)
            writer.WriteNullValue();
        else if (schema.ValueKind != JsonValueKind.Object)
            writer.WriteStringValue(text.Phrase(hash));
        else if (schema.TryGetProperty("const", out var constant))
            constant.WriteTo(writer);
        else if (schema.TryGetProperty("enum", out var choices) && choices.GetArrayLength() > 0)
            Choice(choices, hash).WriteTo(writer);
        else if (Alternatives(schema) is { } alternatives)
            Value(Alternative(alternatives, hash, depth), name, StableHash.Mix(hash, 7), depth);
        else
            Typed(schema, TypeOf(schema, hash, depth), name, hash, depth);
    }

    private void Typed(JsonElement schema, string type, string? name, ulong hash, int depth)
    {
        // Google writes types in capitals.
        switch (type.ToLowerInvariant())
        {
            case "object": Object(schema, hash, depth); break;
            case "array": Array(schema, name, hash, depth); break;
            case "integer": JsonSchemaNumber.Write(writer, schema, hash, integer: true); break;
            case "number": JsonSchemaNumber.Write(writer, schema, hash, integer: false); break;
            case "boolean": writer.WriteBooleanValue(hash % 2 == 0); break;
            case "null": writer.WriteNullValue(); break;
            default: writer.WriteStringValue(JsonSchemaString.Make(schema, name, text, hash)); break;
        }
    }

    private void Object(JsonElement schema, ulong hash, int depth)
    {
        writer.WriteStartObject();
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in PartsOf(schema))
        {
            if (!part.TryGetProperty("properties", out var properties))
                continue;
            foreach (var property in properties.EnumerateObject())
            {
                if ((depth >= DeepNesting && !IsRequired(part, property.Name)) || !written.Add(property.Name))
                    continue;
                writer.WritePropertyName(property.Name);
                Value(property.Value, property.Name, StableHash.Of(property.Name, hash), depth + 1);
            }
        }

        writer.WriteEndObject();
    }

    private void Array(JsonElement schema, string? name, ulong hash, int depth)
    {
        var least = Number(schema, "minItems") ?? 0;
        var most = Number(schema, "maxItems") ?? int.MaxValue;
        var wanted = depth >= DeepNesting ? 0 : 1 + (int)(hash % 3);
        var count = Math.Max(least, Math.Min(most, wanted));
        writer.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            if (schema.TryGetProperty("items", out var items))
                Value(items, name, StableHash.Mix(hash, (ulong)i), depth + 1);
            else
                writer.WriteStringValue(text.Phrase(StableHash.Mix(hash, (ulong)i)));
        }

        writer.WriteEndArray();
    }

    /// <summary>The schema itself and what <c>allOf</c> adds to it.</summary>
    private IEnumerable<JsonElement> PartsOf(JsonElement schema)
    {
        yield return schema;
        if (!schema.TryGetProperty("allOf", out var all))
            yield break;
        foreach (var part in all.EnumerateArray())
        {
            foreach (var inner in PartsOf(Resolve(part)))
                yield return inner;
        }
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference); hops++)
        {
            if (hops == MostReferences)
                throw new InvalidOperationException("The schema's references go round in circles.");
            var target = root;
            foreach (var step in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
                target = target.GetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            schema = target;
        }

        return schema;
    }

    /// <summary>A choice that the question names, else any: a classifier that reads is a better stand-in than a dice.</summary>
    private JsonElement Choice(JsonElement choices, ulong hash)
    {
        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.ValueKind == JsonValueKind.String && choice.GetString() is { Length: > 2 } word
                && text.Question.Contains(word, StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        return choices[(int)(hash % (ulong)choices.GetArrayLength())];
    }

    private JsonElement Alternative(JsonElement alternatives, ulong hash, int depth)
    {
        if (depth < DeepNesting)
            return alternatives[(int)(hash % (ulong)alternatives.GetArrayLength())];
        // Deep down only a leaf ends a schema that refers to itself.
        return alternatives.EnumerateArray().FirstOrDefault(IsLeaf, alternatives[0]);
    }

    private bool IsLeaf(JsonElement schema)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _))
            return true;
        return schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is not ("object" or "array");
    }

    private static JsonElement? Alternatives(JsonElement schema) =>
        schema.TryGetProperty("anyOf", out var any) || schema.TryGetProperty("oneOf", out any) ? any : null;

    private static string TypeOf(JsonElement schema, ulong hash, int depth)
    {
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) || schema.TryGetProperty("allOf", out _) ? "object"
                : schema.TryGetProperty("items", out _) ? "array" : "string";
        if (type.ValueKind == JsonValueKind.String)
            return type.GetString()!;
        var names = type.EnumerateArray().Select(name => name.GetString()!).ToList();
        return depth >= DeepNesting && names.Contains("null") ? "null" : names[(int)(hash % (ulong)names.Count)];
    }

    private static bool IsRequired(JsonElement schema, string name) =>
        schema.TryGetProperty("required", out var required) && required.EnumerateArray().Any(item => item.ValueEquals(name));

    private static int? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : null;
}
