using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Offpeak.Policies;

/// <summary>
/// Checks an answer against a JSON schema (2020-12; what older drafts say otherwise is understood). Only references inside the schema
/// are followed. Whatever a model answers is a finding about that answer, never a fault.
/// </summary>
internal sealed class AnswerSchema
{
    /// <summary>More than any model writes in one answer; what is longer would hold up the answers behind it.</summary>
    internal const int MostCharacters = 4_000_000;

    private const int MostSchemas = 200;

    private const long MostSchemaCharacters = 8_000_000;

    private static readonly ConcurrentDictionary<string, AnswerSchema> Known = new(StringComparer.Ordinal);

    private static long knownCharacters;

    private readonly JsonSchema schema;

    private AnswerSchema(JsonSchema schema) => this.schema = schema;

    /// <summary>Reads a schema; the same text is read once.</summary>
    /// <exception cref="OffpeakException">It cannot be used; the message says why.</exception>
    public static AnswerSchema Compile(string text)
    {
        if (Known.TryGetValue(text, out var known))
            return known;
        var compiled = new AnswerSchema(SchemaReader.Read(text));
        if (Known.Count >= MostSchemas || Interlocked.Add(ref knownCharacters, text.Length) > MostSchemaCharacters)
        {
            Known.Clear();
            Interlocked.Exchange(ref knownCharacters, text.Length);
        }

        return Known.GetOrAdd(text, compiled);
    }

    /// <summary>What is wrong with an answer, for the model and for people; null if nothing is.</summary>
    public string? Problem(string? answer)
    {
        if (string.IsNullOrWhiteSpace(answer))
            return "The answer is empty.";
        if (answer.Length > MostCharacters)
            return $"The answer has {answer.Length:N0} characters; at most {MostCharacters:N0} are checked.";
        try
        {
            var json = StrictJson.Encode(answer);
            if (StrictJson.Problem(json.Span) is { } odd)
                return odd;
            using var document = JsonDocument.Parse(json, StrictJson.Options);
            return Evaluate(document.RootElement);
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            return Explain(cause);
        }
    }

    // The problems cost many times what the verdict does, and most answers have none.
    private string? Evaluate(JsonElement answer)
    {
        var isFine = schema.Evaluate(answer, new CheckLimits(OutputFormat.Flag)).IsValid;
        return isFine ? null : AnswerProblems.Describe(schema.Evaluate(answer, new CheckLimits(OutputFormat.Hierarchical)));
    }

    private static string Explain(Exception cause) => cause switch
    {
        EncoderFallbackException => "The answer is not JSON: it holds half of a surrogate pair.",
        JsonException => $"The answer is not JSON: {cause.Message}",
        RegexMatchTimeoutException slow =>
            $"The answer could not be checked: the pattern '{AnswerProblems.Shorten(slow.Pattern)}' takes longer than {CheckLimits.Pattern.TotalMilliseconds} ms on it.",
        TimeoutException => $"The answer could not be checked within {CheckLimits.Whole.TotalSeconds} seconds.",
        InsufficientExecutionStackException => "The answer could not be checked: the schema refers to itself without end on it.",
        _ => $"The answer could not be checked: {cause.Message}",
    };
}
