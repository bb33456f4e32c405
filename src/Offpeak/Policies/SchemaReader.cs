using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Json.Schema.Keywords;
using DynamicRefKeyword = Json.Schema.Keywords.Draft202012.DynamicRefKeyword;

namespace Offpeak.Policies;

/// <summary>Makes a schema that is safe to use from text that a stranger may have written.</summary>
internal static class SchemaReader
{
    internal const int MostReferences = 2_000;

    private const int MostCharacters = 1_000_000;
    // 32 schemas deep from one reference to the next, and under a kilobyte for each.
    private const int LargeStack = 64 << 20;

    // One of each kind of value: a schema that goes round in circles does so on one of them.
    private static readonly JsonElement[] Samples = [.. JsonDocument.Parse("""[null, true, 0, "", [], {}]""").RootElement.EnumerateArray()];

    /// <exception cref="OffpeakException">It cannot be used.</exception>
    public static JsonSchema Read(string text)
    {
        try
        {
            if (text.Length > MostCharacters)
                throw Refuse($"has {text.Length:N0} characters; at most {MostCharacters:N0} can be used");
            var schema = Build(Modern(Parse(text)));
            Secure(schema.Root);
            foreach (var sample in Samples)
                schema.Evaluate(sample, new CheckLimits(OutputFormat.Flag, time: null));
            return schema;
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw Refuse(Reason(cause), cause is InsufficientExecutionStackException ? null : cause);
        }
    }

    private static JsonNode Parse(string text)
    {
        var json = StrictJson.Encode(text);
        if (StrictJson.Problem(json.Span) is { } odd)
            throw Refuse($"is not plain JSON. {odd.TrimEnd('.')}");
        var root = Unwrap(JsonNode.Parse(json.Span, documentOptions: StrictJson.Options));
        return root?.GetValueKind() is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False
            ? root
            : throw Refuse($"is {(root is null ? "null" : $"of kind {root.GetValueKind()}")}; a schema is an object, true or false");
    }

    // What chat clients send around a schema, as people copy it.
    private static JsonNode? Unwrap(JsonNode? root) => root is not JsonObject outer ? root
        : outer["json_schema"] is JsonObject inner && outer.All(member => member.Key is "type" or "json_schema") ? Unwrap(inner)
        : outer["schema"] is { } schema && outer.All(member => member.Key is "name" or "strict" or "schema" or "description" or "type") ? schema
        : root;

    // Older drafts wrote tuples and exclusive limits in another way; their other words are known or do no harm.
    private static JsonNode Modern(JsonNode root)
    {
        var open = new Stack<JsonNode>([root]);
        while (open.TryPop(out var node))
        {
            if (node is JsonObject schema)
            {
                ModernTuple(schema);
                ModernLimit(schema, "minimum", "exclusiveMinimum");
                ModernLimit(schema, "maximum", "exclusiveMaximum");
            }

            var parts = node is JsonObject members
                ? members.Where(member => member.Key is not ("const" or "enum" or "default" or "example" or "examples")).Select(member => member.Value)
                : node as JsonArray ?? [];
            foreach (var part in parts)
            {
                if (part is not null)
                    open.Push(part);
            }
        }

        return root;
    }

    private static void ModernTuple(JsonObject schema)
    {
        if (schema["items"] is not JsonArray tuple)
            return;
        var rest = schema["additionalItems"];
        schema.Remove("items");
        schema.Remove("additionalItems");
        schema["prefixItems"] = tuple;
        if (rest is not null)
            schema["items"] = rest;
    }

    private static void ModernLimit(JsonObject schema, string limit, string exclusive)
    {
        var kind = schema[exclusive]?.GetValueKind();
        if (kind is not (JsonValueKind.True or JsonValueKind.False) || schema[limit] is not JsonValue value)
            return;
        schema.Remove(exclusive);
        if (kind != JsonValueKind.True)
            return;
        schema.Remove(limit);
        schema[exclusive] = value;
    }

    private static JsonSchema Build(JsonNode root)
    {
        var json = root.ToJsonString();
        var references = json.AsSpan().Count("Ref\"") + json.AsSpan().Count("ref\"");
        if (references > MostReferences)
            throw Refuse($"holds more than {MostReferences:N0} references");
        var element = JsonDocument.Parse(json).RootElement;
        var options = new BuildOptions { SchemaRegistry = new SchemaRegistry(), Dialect = AnswerDialect.Instance };
        return references == 0 ? JsonSchema.Build(element, options) : OnLargeStack(() => JsonSchema.Build(element, options));
    }

    // The library follows one reference to the next by recursion, and looks at no limit while it builds.
    private static JsonSchema OnLargeStack(Func<JsonSchema> build)
    {
        JsonSchema? built = null;
        ExceptionDispatchInfo? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    built = build();
                }
                catch (Exception cause)
                {
                    fault = ExceptionDispatchInfo.Capture(cause);
                }
            },
            LargeStack);
        thread.Start();
        thread.Join();
        fault?.Throw();
        return built!;
    }

    private static void Secure(JsonSchemaNode root)
    {
        var open = new Stack<JsonSchemaNode>([root]);
        var seen = new HashSet<JsonSchemaNode>(ReferenceEqualityComparer.Instance) { root };
        while (open.TryPop(out var node))
        {
            foreach (var keyword in node.Keywords)
            {
                Secure(keyword);
                foreach (var part in keyword.Subschemas.Where(seen.Add))
                    open.Push(part);
            }
        }
    }

    private static void Secure(KeywordData keyword)
    {
        if (keyword.Handler is PatternPropertiesKeyword)
            keyword.Value = keyword.RawValue.EnumerateObject().ToDictionary(property => property.Name, property => LimitedPattern.Compile(property.Name));
        if (keyword.Handler is not (RefKeyword or DynamicRefKeyword))
            return;
        var target = keyword.RawValue.GetString()!;
        var isMissing = keyword.Handler is RefKeyword && keyword.Subschemas.Length == 0;
        if (isMissing && target.StartsWith('#'))
            throw Refuse($"refers to '{target}', which is not in it");
        // Its own meta-schemas are all that the library knows beside what is in the text; they are not built with our limits.
        if (isMissing || !target.StartsWith('#') && (keyword.Value is not Uri known || SchemaRegistry.Global.Get(known) is not null))
            throw Refuse($"refers to another document, '{target}'; put everything into one schema");
    }

    private static string Reason(Exception cause) => cause switch
    {
        EncoderFallbackException => "holds half of a surrogate pair",
        JsonException => $"is not plain JSON: {cause.Message.TrimEnd('.')}",
        RegexParseException pattern => $"holds a pattern that cannot be read here: {pattern.Message.TrimEnd('.')}; write it with what .NET knows of regular expressions",
        InsufficientExecutionStackException => "refers to itself without end",
        TimeoutException => "takes too long to check even the smallest answer",
        _ => $"cannot be used: {cause.Message.TrimEnd('.')}",
    };

    private static OffpeakException Refuse(string why, Exception? cause = null) =>
        new(OffpeakErrorCode.InvalidInput, $"The answer's JSON schema {why}.", cause);
}
