using System.Text;
using System.Text.Json;

namespace Offpeak.Policies;

/// <summary>JSON that every reader understands alike: no name twice, no number out of a double's range, no half of a surrogate pair.</summary>
internal static class StrictJson
{
    // What readers take if nobody tells them otherwise; checking goes by recursion.
    private const int Deepest = 64;

    // More digits than any of our readers keep; a model that writes more has lost itself in repetition.
    private const int LongestNumber = 50;

    // A zero may have any, and nobody counts with those that are longer.
    private const int LongestExponent = 8;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static JsonDocumentOptions Options => new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    /// <exception cref="EncoderFallbackException">It holds half of a surrogate pair.</exception>
    public static ReadOnlyMemory<byte> Encode(string text) => Utf8.GetBytes(text.TrimStart('\uFEFF'));

    /// <summary>What is odd about a number or a string; null if nothing is.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static string? Problem(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        while (reader.Read())
        {
            var problem = reader.TokenType switch
            {
                JsonTokenType.Number => NumberProblem(ref reader),
                JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped => StringProblem(ref reader),
                _ => null,
            };
            if (problem is not null)
                return $"At {PointerTo(json, reader.TokenStartIndex)}: {problem}";
        }

        return null;
    }

    private static string? NumberProblem(ref Utf8JsonReader reader)
    {
        var written = reader.ValueSpan;
        if (written.Length > LongestNumber)
            return $"a number of {written.Length:N0} characters; at most {LongestNumber} are understood.";
        var exponent = written.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = exponent < 0 ? written : written[..exponent];
        var value = reader.GetDouble();
        var isZero = !mantissa.ContainsAnyInRange((byte)'1', (byte)'9');
        return double.IsFinite(value) && (value == 0) == isZero && written.Length - mantissa.Length <= LongestExponent
            ? null
            : $"the number {Encoding.UTF8.GetString(written)} is out of range; numbers must fit into 64 bits of floating point.";
    }

    private static string? StringProblem(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
            return null;
        }
        catch (InvalidOperationException)
        {
            return "a string that holds half of a surrogate pair.";
        }
    }

    private static string PointerTo(ReadOnlySpan<byte> json, long position)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        var path = new Stack<(string? Name, int Index)>();
        while (reader.Read() && reader.TokenStartIndex < position)
        {
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                path.Pop();
            if (reader.TokenType == JsonTokenType.PropertyName)
                Replace(path, reader.GetString());
            else if (reader.TokenType == JsonTokenType.StartObject)
                path.Push(("", -1));
            else if (reader.TokenType == JsonTokenType.StartArray)
                path.Push((null, 0));
            else if (path.TryPeek(out var place) && place.Name is null)
                Replace(path, null, place.Index + 1);
        }

        return path.Count == 0 || path.Peek() is ("", -1) && path.Count == 1
            ? "the top"
            : string.Concat(path.Reverse().Select(step => "/" + (step.Name is null ? $"{step.Index}" : step.Name.Replace("~", "~0").Replace("/", "~1"))));
    }

    private static void Replace(Stack<(string? Name, int Index)> path, string? name, int index = 0)
    {
        path.Pop();
        path.Push((name, index));
    }
}
