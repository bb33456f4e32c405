using System.Text.Json;

namespace Offpeak.Testing.Anthropic;

/// <summary>Answers a Messages request; the same body always gets the same text, in a batch or not.</summary>
internal sealed class AnthropicAnswerer(EmulatorState state)
{
    public const string Endpoint = "/v1/messages";

    public MessageAnswer Prepare(JsonElement body, string? customId)
    {
        if (Refuse(body) is { } refusal)
            return MessageAnswer.Error(400, refusal, null);
        var model = body.GetProperty("model").GetString()!;
        var prompt = PromptText.Of(body);
        var all = prompt.All;
        var chosen = state.Answers?.Invoke(new EmulatedRequest(Endpoint, customId, model, all, body));
        if (chosen is { StatusCode: < 200 or >= 300 })
            return MessageAnswer.Error(chosen.StatusCode, MessageOf(chosen), null);
        if (chosen?.Body is { } raw)
            return MessageAnswer.Raw(raw);
        var request = new AnswerRequest(body, ClaudeNames.Resolve(model), all, prompt.Question, state.Time.GetUtcNow(), chosen);
        try
        {
            return new WrittenMessage(request, MessageOutput.Of(request));
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return MessageAnswer.Error(400, $"Invalid schema or tool: {error.Message}", null);
        }
    }

    /// <summary>What the API finds wrong with a request only when it comes to run it.</summary>
    private static string? Refuse(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.String)
            return "model: Field required";
        if (!body.TryGetProperty("max_tokens", out var limit) || limit.ValueKind != JsonValueKind.Number)
            return "max_tokens: Field required";
        if (!limit.TryGetInt64(out var tokens) || tokens < 1)
            return "max_tokens: must be greater than or equal to 1";
        if (!body.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
            return "messages: Field required";
        if (messages.GetArrayLength() == 0)
            return "messages: at least one message is required";
        return body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True
            ? "stream: the emulator does not stream, and no batch does"
            : null;
    }

    /// <summary>A refusal made by <see cref="EmulatedAnswer.Fail"/> has another provider's envelope; its words are kept.</summary>
    private static string MessageOf(EmulatedAnswer chosen)
    {
        if (chosen.Body is not { } raw)
            return chosen.Text ?? "The request failed.";
        using var body = JsonDocument.Parse(raw);
        return body.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
            ? message.GetString()!
            : "The request failed.";
    }
}
