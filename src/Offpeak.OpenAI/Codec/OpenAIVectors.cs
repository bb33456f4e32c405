using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>Reads the vectors of an embeddings answer.</summary>
internal static class OpenAIVectors
{
    public static IReadOnlyList<Embedding<float>> Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.Child("data") is not { ValueKind: JsonValueKind.Array } data)
                throw Undecodable();
            var model = document.RootElement.Text("model");
            return [.. data.EnumerateArray().OrderBy(item => item.WholeNumber("index") ?? 0).Select(item => VectorOf(item, model))];
        }
        catch (Exception cause) when (cause is JsonException or FormatException or InvalidOperationException)
        {
            throw Undecodable(cause);
        }
    }

    private static Embedding<float> VectorOf(JsonElement item, string? model)
    {
        var vector = item.Child("embedding") ?? throw Undecodable();
        var numbers = vector.ValueKind == JsonValueKind.String
            ? MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
            : [.. vector.EnumerateArray().Select(number => number.GetSingle())];
        return new Embedding<float>(numbers) { ModelId = model };
    }

    private static OffpeakException Undecodable(Exception? cause = null) =>
        new(OffpeakErrorCode.Provider, "The answer holds no embeddings, so it cannot be decoded; its stored body is unchanged.", cause);
}
