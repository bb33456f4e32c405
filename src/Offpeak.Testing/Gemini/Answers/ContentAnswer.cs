using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>Gemini API reference: GenerateContentResponse.</summary>
internal static class ContentAnswer
{
    public static void Write(Utf8JsonWriter writer, string model, GeminiOutput output, TokenCounts usage, ulong hash, string? finishReason)
    {
        writer.WriteStartObject();
        if (output.Candidates[0] is { BlocksPrompt: true, BlockedBy: { } reason })
            WriteFeedback(writer, reason);
        else
            WriteCandidates(writer, model, output, hash, finishReason);
        WriteUsage(writer, usage, output.Candidates.Sum(candidate => candidate.Thoughts));
        writer.WriteString("modelVersion", model);
        writer.WriteString("responseId", $"{hash:x16}");
        writer.WriteEndObject();
    }

    private static void WriteFeedback(Utf8JsonWriter writer, string reason)
    {
        writer.WriteStartObject("promptFeedback");
        writer.WriteString("blockReason", reason);
        writer.WriteString("blockReasonMessage", "The prompt was blocked.");
        writer.WriteEndObject();
    }

    private static void WriteCandidates(Utf8JsonWriter writer, string model, GeminiOutput output, ulong hash, string? finishReason)
    {
        writer.WriteStartArray("candidates");
        for (var index = 0; index < output.Candidates.Count; index++)
        {
            var candidate = output.Candidates[index];
            writer.WriteStartObject();
            if (candidate.BlockedBy is null)
                WriteContent(writer, model, output.Function, candidate, hash);
            writer.WriteString("finishReason", finishReason ?? FinishOf(candidate));
            writer.WriteNumber("index", index);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string FinishOf(AnswerPlay candidate) =>
        candidate.BlockedBy ?? (candidate.End == AnswerEnd.CutOff ? "MAX_TOKENS" : "STOP");

    // Where nothing was said there are no parts at all.
    private static void WriteContent(Utf8JsonWriter writer, string model, string? function, AnswerPlay candidate, ulong hash)
    {
        writer.WriteStartObject("content");
        if (candidate.Texts.Count > 0)
        {
            writer.WriteStartArray("parts");
            foreach (var text in candidate.Texts)
                WritePart(writer, model, function, text, hash);
            writer.WriteEndArray();
        }

        writer.WriteString("role", "model");
        writer.WriteEndObject();
    }

    // Models up to 2.5 send function calls without an id.
    private static void WritePart(Utf8JsonWriter writer, string model, string? function, string text, ulong hash)
    {
        writer.WriteStartObject();
        if (function is not null)
        {
            writer.WriteStartObject("functionCall");
            if (!model.Contains("gemini-2", StringComparison.Ordinal))
                writer.WriteString("id", $"call-{hash:x16}");
            writer.WriteString("name", function);
            writer.WritePropertyName("args");
            writer.WriteRawValue(text);
            writer.WriteEndObject();
            writer.WriteString("thoughtSignature", Convert.ToBase64String(BitConverter.GetBytes(hash)));
        }
        else
            writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter writer, TokenCounts usage, long thoughts)
    {
        writer.WriteStartObject("usageMetadata");
        writer.WriteNumber("promptTokenCount", usage.Input);
        writer.WriteNumber("candidatesTokenCount", usage.Output - thoughts);
        if (thoughts > 0)
            writer.WriteNumber("thoughtsTokenCount", thoughts);
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
