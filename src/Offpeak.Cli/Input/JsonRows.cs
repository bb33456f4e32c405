using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using Offpeak.Jsonl;

namespace Offpeak.Cli.Input;

/// <summary>Reads a JSONL file row by row, refusing what a JSON library would quietly change.</summary>
internal static class JsonRows
{
    /// <summary>How deep a body may nest.</summary>
    public const int MaxBodyDepth = 1_000;

    // The line itself is one level around the body.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxBodyDepth + 1 };

    public static async IAsyncEnumerable<RowOrProblem> ReadAsync(
        Stream stream, int maxLineBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new JsonlReaderOptions { MaxLineBytes = maxLineBytes };
        await foreach (var line in JsonlReader.ReadAsync(stream, options, cancellationToken))
        {
            var number = checked((int)line.Number);
            var problem = Objection(line, maxLineBytes);
            using var document = problem is null ? Parse(line, out problem) : null;
            yield return new RowOrProblem(number, document is null ? null : new JsonRow(document.RootElement), problem);
        }
    }

    private static string? Objection(JsonlLine line, int maxLineBytes)
    {
        if (line.Problem is not null)
            return $"is longer than {maxLineBytes:N0} bytes.";
        if (!Utf8.IsValid(line.Bytes.Span))
            return "is not valid UTF-8. Save the file as UTF-8.";
        // Before the parse: comparing keys, the parser throws on such a key.
        if (JsonText.HasLoneSurrogate(line.Bytes.Span))
            return "holds half of a surrogate pair (\\ud800 to \\udfff), which is not text.";
        return line.Bytes.Span.TrimStart(" \t\r"u8)[0] == '['
            ? "is a JSON array. Write one JSON object on each line instead."
            : null;
    }

    private static JsonDocument? Parse(JsonlLine line, out string? problem)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(line.Bytes, Strict);
            problem = document.RootElement.ValueKind == JsonValueKind.Object ? null : "is not a JSON object.";
        }
        catch (JsonException exception)
        {
            problem = Reason(line, exception);
        }

        if (problem is null)
            return document;
        document?.Dispose();
        return null;
    }

    private static string Reason(JsonlLine line, JsonException exception)
    {
        if (DuplicateKey.Find(line.Bytes, Strict) is string key)
            return $"has the key {Shown.Quoted(key)} twice in one object.";
        if (JsonText.Depth(line.Bytes.Span) > Strict.MaxDepth)
            return $"is nested more than {MaxBodyDepth:N0} levels deep.";
        return line.Terminated
            ? $"is not valid JSON (near byte {exception.BytePositionInLine + 1})."
            : $"is not valid JSON (near byte {exception.BytePositionInLine + 1}). It is the last line and has no line end: the file may be cut off.";
    }
}
