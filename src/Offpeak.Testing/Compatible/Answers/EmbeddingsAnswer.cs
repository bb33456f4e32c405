using System.Runtime.InteropServices;
using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI API reference: Create embeddings. One unit vector for each input, made from its text alone.</summary>
internal sealed class EmbeddingsAnswer(AnswerRequest request)
    : OpenAIAnswer(200, new TokenCounts(TokenCounts.Estimate(request.Prompt.Length), 0))
{
    private const int SmallDimensions = 1536;
    private const int LargeDimensions = 3072;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        var index = 0;
        foreach (var seed in Seeds())
            WriteEmbedding(writer, index++, seed);
        writer.WriteEndArray();
        writer.WriteString("model", request.Model);
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", Usage.Input);
        writer.WriteNumber("total_tokens", Usage.Input);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>An array holds several texts or token lists, unless it is itself one token list.</summary>
    private IEnumerable<ulong> Seeds()
    {
        var input = request.Body.GetProperty("input");
        var isOne = input.ValueKind == JsonValueKind.String || input.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number);
        return isOne ? [SeedOf(input)] : input.EnumerateArray().Select(SeedOf);
    }

    private ulong SeedOf(JsonElement input)
    {
        var text = input.ValueKind == JsonValueKind.String ? input.GetString() : input.GetRawText();
        return StableHash.Of(text, StableHash.Of(request.Model));
    }

    private void WriteEmbedding(Utf8JsonWriter writer, int index, ulong seed)
    {
        var vector = Vector(seed);
        writer.WriteStartObject();
        writer.WriteString("object", "embedding");
        writer.WriteNumber("index", index);
        if (request.Body.TryGetProperty("encoding_format", out var format) && format.ValueEquals("base64"))
        {
            writer.WriteBase64String("embedding", MemoryMarshal.AsBytes(vector.AsSpan()));
        }
        else
        {
            writer.WriteStartArray("embedding");
            foreach (var value in vector)
                writer.WriteNumberValue(value);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private float[] Vector(ulong seed)
    {
        var vector = new float[Dimensions()];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = ((StableHash.Mix(seed, (ulong)i) >> 40) / (float)(1 << 23)) - 1;
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        for (var i = 0; i < vector.Length; i++)
            vector[i] /= length;
        return vector;
    }

    private int Dimensions()
    {
        if (request.Body.TryGetProperty("dimensions", out var value) && value.TryGetInt32(out var dimensions) && dimensions > 0)
            return dimensions;
        return request.Model.Contains("large", StringComparison.Ordinal) ? LargeDimensions : SmallDimensions;
    }
}
