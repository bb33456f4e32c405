using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>Gemini API reference: GenerateContentResponse.</summary>
internal static class ContentAnswer
{
    public static void Write(Utf8JsonWriter writer, string model, GeminiOutput output, TokenCounts usage, ulong hash, string finishReason)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("candidates");
        writer.WriteStartObject();
        writer.WriteStartObject("content");
        writer.WriteStartArray("parts");
        WritePart(writer, model, output, hash);
        writer.WriteEndArray();
        writer.WriteString("role", "model");
        writer.WriteEndObject();
        writer.WriteString("finishReason", finishReason);
        writer.WriteNumber("index", 0);
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteUsage(writer, usage);
        writer.WriteString("modelVersion", model);
        writer.WriteString("responseId", $"{hash:x16}");
        writer.WriteEndObject();
    }

    // Models up to 2.5 send function calls without an id.
    private static void WritePart(Utf8JsonWriter writer, string model, GeminiOutput output, ulong hash)
    {
        writer.WriteStartObject();
        if (output.Function is { } function)
        {
            writer.WriteStartObject("functionCall");
            if (!model.Contains("gemini-2", StringComparison.Ordinal))
                writer.WriteString("id", $"call-{hash:x16}");
            writer.WriteString("name", function);
            writer.WritePropertyName("args");
            writer.WriteRawValue(output.Text);
            writer.WriteEndObject();
            writer.WriteString("thoughtSignature", Convert.ToBase64String(BitConverter.GetBytes(hash)));
        }
        else
            writer.WriteString("text", output.Text);
        writer.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter writer, TokenCounts usage)
    {
        writer.WriteStartObject("usageMetadata");
        writer.WriteNumber("promptTokenCount", usage.Input);
        writer.WriteNumber("candidatesTokenCount", usage.Output);
        writer.WriteNumber("totalTokenCount", usage.Total);
        writer.WriteStartArray("promptTokensDetails");
        writer.WriteStartObject();
        writer.WriteString("modality", "TEXT");
        writer.WriteNumber("tokenCount", usage.Input);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("serviceTier", "standard");
        writer.WriteEndObject();
    }
}
