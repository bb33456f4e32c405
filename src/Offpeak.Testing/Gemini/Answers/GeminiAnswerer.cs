using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>
/// Answers a request body; the same body always gets the same text, in a batch or not, and the same question the same text as from the
/// other providers' emulators for a model of the same name.
/// </summary>
internal sealed class GeminiAnswerer(EmulatorState state)
{
    public GeminiAnswer Prepare(string model, bool isEmbedding, JsonElement body, string? customId)
    {
        if (ProtobufJson.At(body, isEmbedding ? "content" : "contents").ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
            return GeminiAnswer.Refused(400, $"* GenerateContentRequest.{(isEmbedding ? "content" : "contents")}: contents is not specified");
        var prompt = GeminiPrompt.Of(body);
        var url = $"/v1beta/models/{model}:{(isEmbedding ? "embedContent" : "generateContent")}";
        var chosen = state.Answers?.Invoke(new EmulatedRequest(url, customId, model, prompt.All, body));
        if (chosen is { StatusCode: < 200 or >= 300 })
            return GeminiAnswer.Refused(chosen.StatusCode, MessageOf(chosen));
        if (chosen?.Body is { } raw)
            return GeminiAnswer.Raw(raw);
        return isEmbedding ? EmbeddingAnswer.Make(model, body, prompt) : Generate(model, body, prompt, chosen);
    }

    private static GeminiAnswer Generate(string model, JsonElement body, GeminiPrompt prompt, EmulatedAnswer? chosen)
    {
        var hash = StableHash.Of(prompt.All, StableHash.Of(model));
        try
        {
            var output = chosen?.Text is { } text ? GeminiOutput.Say(text) : GeminiOutput.Make(body, prompt, hash);
            var usage = new TokenCounts(TokenCounts.Estimate(prompt.All.Length), output.Candidates.Sum(candidate => candidate.Output));
            return new(200, usage, "", writer => ContentAnswer.Write(writer, model, output, usage, hash, chosen?.FinishReason));
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return GeminiAnswer.Refused(400, $"Invalid schema or tool: {error.Message}");
        }
    }

    private static string MessageOf(EmulatedAnswer chosen)
    {
        if (chosen.Text is { } text || chosen.Body is not { } body)
            return chosen.Text ?? "The request failed.";
        using var json = JsonDocument.Parse(body);
        return ProtobufJson.Text(json.RootElement, "error", "message") ?? "The request failed.";
    }
}
