using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Answers;

/// <summary>A second opinion on conformance, written without a look at the generator: lists what a value violates.</summary>
internal static class SchemaCheck
{
    public static IReadOnlyList<string> Violations(JsonNode? value, JsonNode schema) => [.. Check(value, schema, schema, "$")];

    private static IEnumerable<string> Check(JsonNode? value, JsonNode schema, JsonNode root, string path)
    {
        if (schema["$ref"] is { } reference)
            return Check(value, Follow(root, (string)reference!), root, path);
        return CheckType(value, schema, path)
            .Concat(CheckChoices(value, schema, root, path))
            .Concat(CheckObject(value, schema, root, path))
            .Concat(CheckArray(value, schema, root, path))
            .Concat(CheckScalar(value, schema, path));
    }

    private static JsonNode Follow(JsonNode root, string reference) =>
        reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(root, (node, step) => node[step]!);

    private static IEnumerable<string> CheckType(JsonNode? value, JsonNode schema, string path)
    {
        var allowed = schema["type"] switch
        {
            null => [],
            JsonArray names => names.Select(name => (string)name!).ToList(),
            var name => new List<string> { (string)name! },
        };
        if (allowed.Count > 0 && !allowed.Exists(type => Is(value, type)))
            yield return $"{path} is not {string.Join('|', allowed)}";
    }

    private static bool Is(JsonNode? value, string type) => (value?.GetValueKind().ToString() ?? "Null", type) switch
    {
        ("Object", "object") or ("Array", "array") or ("String", "string") or ("Null", "null") => true,
        ("Number", "number") => true,
        ("Number", "integer") => value!.ToJsonString().All(character => char.IsAsciiDigit(character) || character == '-'),
        ("True" or "False", "boolean") => true,
        _ => false,
    };

    private static IEnumerable<string> CheckChoices(JsonNode? value, JsonNode schema, JsonNode root, string path)
    {
        if (schema.AsObject().TryGetPropertyValue("const", out var constant) && !JsonNode.DeepEquals(value, constant))
            yield return $"{path} is not the constant";
        if (schema["enum"] is JsonArray choices && !choices.Any(choice => JsonNode.DeepEquals(choice, value)))
            yield return $"{path} is no choice";
        if (schema["anyOf"] is JsonArray any && !any.Any(option => !Check(value, option!, root, path).Any()))
            yield return $"{path} fits no alternative";
        foreach (var part in schema["allOf"] as JsonArray ?? [])
        {
            foreach (var violation in Check(value, part!, root, path))
                yield return violation;
        }
    }

    private static IEnumerable<string> CheckObject(JsonNode? value, JsonNode schema, JsonNode root, string path)
    {
        if (value is not JsonObject fields)
            yield break;
        foreach (var name in (schema["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !fields.ContainsKey(name)))
            yield return $"{path}.{name} is missing";
        foreach (var (name, field) in fields)
        {
            if (schema["properties"]?[name] is { } inner)
            {
                foreach (var violation in Check(field, inner, root, $"{path}.{name}"))
                    yield return violation;
            }
            else if (schema["additionalProperties"]?.ToJsonString() == "false")
            {
                yield return $"{path}.{name} is unknown";
            }
        }
    }

    private static IEnumerable<string> CheckArray(JsonNode? value, JsonNode schema, JsonNode root, string path)
    {
        if (value is not JsonArray items)
            yield break;
        if (items.Count < ((int?)schema["minItems"] ?? 0) || items.Count > ((int?)schema["maxItems"] ?? int.MaxValue))
            yield return $"{path} has {items.Count} items";
        foreach (var violation in items.SelectMany((item, i) => schema["items"] is { } inner ? Check(item, inner, root, $"{path}[{i}]") : []))
            yield return violation;
    }

    private static IEnumerable<string> CheckScalar(JsonNode? value, JsonNode schema, string path)
    {
        if (Is(value, "number"))
        {
            var number = decimal.Parse(value!.ToJsonString());
            if (number < Bound(schema, "minimum") || number > Bound(schema, "maximum")
                || number <= Bound(schema, "exclusiveMinimum") || number >= Bound(schema, "exclusiveMaximum")
                || (Bound(schema, "multipleOf") is { } step && number % step != 0))
                yield return $"{path} is out of bounds: {number}";
        }

        if (Is(value, "string"))
        {
            var text = (string)value!;
            if (text.Length < ((int?)schema["minLength"] ?? 0) || text.Length > ((int?)schema["maxLength"] ?? int.MaxValue))
                yield return $"{path} has {text.Length} characters";
            if ((string?)schema["format"] == "date" && !DateOnly.TryParse(text, out _))
                yield return $"{path} is no date";
            if ((string?)schema["format"] == "uuid" && !Guid.TryParse(text, out _))
                yield return $"{path} is no uuid";
        }
    }

    private static decimal? Bound(JsonNode schema, string name) => schema[name] is { } bound ? decimal.Parse(bound.ToJsonString()) : null;
}
