using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>Gemini API reference: EmbedContentResponse. A unit vector made from the text alone.</summary>
internal static class EmbeddingAnswer
{
    private const int DefaultDimensions = 3_072;

    public static GeminiAnswer Make(string model, JsonElement body, GeminiPrompt prompt)
    {
        var asked = ProtobufJson.At(body, "outputDimensionality");
        var dimensions = asked.ValueKind == JsonValueKind.Number && asked.TryGetInt32(out var number) && number > 0 ? number : DefaultDimensions;
        var usage = new TokenCounts(TokenCounts.Estimate(prompt.All.Length), 0);
        var seed = StableHash.Of(prompt.All, StableHash.Of(model));
        return new(200, usage, "", writer => Write(writer, Vector(seed, dimensions), usage));
    }

    private static void Write(Utf8JsonWriter writer, float[] vector, TokenCounts usage)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("embedding");
        writer.WriteStartArray("values");
        foreach (var value in vector)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("usageMetadata");
        writer.WriteNumber("promptTokenCount", usage.Input);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static float[] Vector(ulong seed, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = ((StableHash.Mix(seed, (ulong)i) >> 40) / (float)(1 << 23)) - 1;
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        for (var i = 0; i < vector.Length; i++)
            vector[i] /= length;
        return vector;
    }
}
