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

    /// <summary>What is to be said of an answer; null if it matches.</summary>
    public AnswerFinding? Check(string? answer) => Check(answer, CheckLimits.Whole);

    internal AnswerFinding? Check(string? answer, TimeSpan limit)
    {
        if (string.IsNullOrWhiteSpace(answer))
            return new AnswerFinding("The answer is empty.");
        if (answer.Length > MostCharacters)
            return new AnswerFinding($"The answer has {answer.Length:N0} characters; at most {MostCharacters:N0} are checked.", IsUnchecked: true);
        try
        {
            var json = StrictJson.Encode(answer);
            if (StrictJson.Problem(json.Span) is { } odd)
                return new AnswerFinding(odd);
            using var document = JsonDocument.Parse(json, StrictJson.Options);
            return EvaluateAgain(document.RootElement, limit) is { } problem ? new AnswerFinding(problem) : null;
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            return Explain(cause, limit);
        }
    }

    // A machine that was busy or asleep for a moment says nothing about the answer.
    private string? EvaluateAgain(JsonElement answer, TimeSpan limit)
    {
        try
        {
            return Evaluate(answer, limit);
        }
        catch (TimeoutException)
        {
            return Evaluate(answer, limit);
        }
    }

    // The problems cost many times what the verdict does, and most answers have none.
    private string? Evaluate(JsonElement answer, TimeSpan limit)
    {
        var isFine = schema.Evaluate(answer, new CheckLimits(OutputFormat.Flag, limit)).IsValid;
        return isFine ? null : AnswerProblems.Describe(schema.Evaluate(answer, new CheckLimits(OutputFormat.Hierarchical, limit)));
    }

    private static AnswerFinding Explain(Exception cause, TimeSpan limit) => cause switch
    {
        EncoderFallbackException => new AnswerFinding("The answer is not JSON: it holds half of a surrogate pair."),
        JsonException => new AnswerFinding($"The answer is not JSON: {cause.Message}"),
        RegexMatchTimeoutException slow => Unchecked(
            $": the pattern '{AnswerProblems.Shorten(slow.Pattern)}' takes longer than {CheckLimits.Pattern.TotalMilliseconds} ms on it"),
        TimeoutException => Unchecked($" within {limit.TotalSeconds} seconds"),
        InsufficientExecutionStackException => Unchecked(": the schema refers to itself without end on it"),
        _ => Unchecked($": {cause.Message.TrimEnd('.')}"),
    };

    private static AnswerFinding Unchecked(string why) => new($"The answer could not be checked{why}.", IsUnchecked: true);
}
