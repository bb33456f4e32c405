using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI API reference: Create moderation. Only a question that says "violence" is flagged.</summary>
internal sealed class ModerationAnswer(AnswerRequest request) : OpenAIAnswer(200, default)
{
    public override void Write(Utf8JsonWriter writer)
    {
        var flagged = request.Prompt.Contains("violence", StringComparison.OrdinalIgnoreCase);
        writer.WriteStartObject();
        writer.WriteString("id", "modr-" + StableHash.Of(request.Prompt).ToString("x16"));
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("results");
        writer.WriteStartObject();
        writer.WriteBoolean("flagged", flagged);
        writer.WriteStartObject("categories");
        writer.WriteBoolean("violence", flagged);
        writer.WriteEndObject();
        writer.WriteStartObject("category_scores");
        writer.WriteNumber("violence", flagged ? 0.9 : 0.01);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
