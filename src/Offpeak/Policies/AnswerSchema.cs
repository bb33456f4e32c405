using System.Collections.Concurrent;
using NJsonSchema;
using NJsonSchema.References;
using NJsonSchema.Validation;

namespace Offpeak.Policies;

/// <summary>
/// Checks an answer against a JSON schema. Only references inside the schema are followed: one from outside would make us fetch what a
/// stranger names.
/// </summary>
internal sealed class AnswerSchema
{
    private const int MostProblems = 3;
    private const int MostSchemas = 200;

    private static readonly ConcurrentDictionary<string, AnswerSchema> Known = new(StringComparer.Ordinal);

    private readonly JsonSchema schema;

    private AnswerSchema(JsonSchema schema) => this.schema = schema;

    /// <summary>Reads a schema; the same text is read once.</summary>
    /// <exception cref="OffpeakException">It is no schema, or refers to another document.</exception>
    public static AnswerSchema For(string text)
    {
        if (Known.Count > MostSchemas)
            Known.Clear();
        return Known.GetOrAdd(text, static json => new AnswerSchema(Read(json)));
    }

    /// <summary>What is wrong with an answer, for the model and for people; null if nothing is.</summary>
    public string? Problem(string? answer)
    {
        if (string.IsNullOrWhiteSpace(answer))
            return "The answer is empty.";
        try
        {
            var errors = schema.Validate(answer);
            return errors.Count == 0 ? null : string.Join(" ", errors.Take(MostProblems).Select(Describe));
        }
        catch (Newtonsoft.Json.JsonException error)
        {
            return $"The answer is not valid JSON: {error.Message}";
        }
    }

    private static string Describe(ValidationError error)
    {
        var inner = error is ChildSchemaValidationError child ? child.Errors.SelectMany(pair => pair.Value).FirstOrDefault() : null;
        return inner is null || inner == error ? $"At {error.Path ?? "#/"}: {Words(error.Kind)}." : Describe(inner);
    }

    // NoAdditionalPropertiesAllowed reads as "no additional properties allowed".
    private static string Words(ValidationErrorKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));

    private static JsonSchema Read(string json)
    {
        try
        {
            // Nothing is awaited in it, because references to other documents are refused.
            return JsonSchema.FromJsonAsync(
                json, documentPath: null, schema => new OnlyInside(new JsonSchemaAppender(schema, new DefaultTypeNameGenerator()))).GetAwaiter().GetResult();
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The answer's JSON schema cannot be read.", cause);
        }
    }

    private sealed class OnlyInside(JsonSchemaAppender appender) : JsonReferenceResolver(appender)
    {
        public override Task<IJsonReference> ResolveFileReferenceAsync(string filePath, CancellationToken cancellationToken = default) => throw Refuse();

        public override Task<IJsonReference> ResolveUrlReferenceAsync(string url, CancellationToken cancellationToken = default) => throw Refuse();

        private static OffpeakException Refuse() =>
            new(OffpeakErrorCode.InvalidInput, "The answer's JSON schema refers to another document; put everything into one schema.");
    }
}
