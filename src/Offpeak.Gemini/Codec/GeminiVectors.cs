using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>Reads the vector of an embeddings answer, or the vectors of one that holds several.</summary>
internal static class GeminiVectors
{
    public static IReadOnlyList<Embedding<float>> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = document.RootElement;
            if (answer.Child("embedding") is { } one)
                return [VectorOf(one)];
            return answer.Child("embeddings") is { ValueKind: JsonValueKind.Array } many
                ? [.. many.EnumerateArray().Select(VectorOf)]
                : throw Refusal.Undecodable("The answer holds no embeddings");
        }
        catch (Exception cause) when (cause is JsonException or FormatException or InvalidOperationException)
        {
            throw Refusal.Undecodable("The answer holds no embeddings", cause);
        }
    }

    private static Embedding<float> VectorOf(JsonElement embedding) =>
        embedding.Child("values") is { ValueKind: JsonValueKind.Array } values
            ? new Embedding<float>(values.EnumerateArray().Select(value => value.GetSingle()).ToArray())
            : throw Refusal.Undecodable("The answer holds no embeddings");
}
