using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>The text of a request: all of it, and the last text, which is most often the question.</summary>
internal sealed record GeminiPrompt(string All, string Question)
{
    public static GeminiPrompt Of(JsonElement body)
    {
        var texts = new List<string>();
        Add(texts, ProtobufJson.At(body, "systemInstruction"));
        Add(texts, ProtobufJson.At(body, "contents"));
        Add(texts, ProtobufJson.At(body, "content"));
        return new GeminiPrompt(string.Join('\n', texts), texts.Count == 0 ? "" : texts[^1]);
    }

    private static void Add(List<string> texts, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(element.GetString()!);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Add(texts, item);
                break;
            case JsonValueKind.Object when element.TryGetProperty("parts", out var parts):
                Add(texts, parts);
                break;
            case JsonValueKind.Object when element.TryGetProperty("text", out var text):
                Add(texts, text);
                break;
            case JsonValueKind.Object when ProtobufJson.At(element, "functionResponse", "response") is { ValueKind: JsonValueKind.Object } response:
                texts.Add(response.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.String
                    ? result.GetString()!
                    : response.GetRawText());
                break;
        }
    }
}
