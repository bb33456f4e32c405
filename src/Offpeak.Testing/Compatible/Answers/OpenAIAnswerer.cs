using System.Text.Json;

namespace Offpeak.Testing.Compatible;

/// <summary>Answers a request body; the same body always gets the same text, in a batch or not.</summary>
/// <param name="state">Holds the test's own choice of answers.</param>
/// <param name="writeCost">Adds what some servers say of the cost at the end of a usage object.</param>
internal sealed class OpenAIAnswerer(EmulatorState state, Action<Utf8JsonWriter, TokenCounts>? writeCost = null)
{
    public OpenAIAnswer Prepare(string url, JsonElement body, string? customId, bool asChat = false)
    {
        if (Refuse(url, body) is { } refusal)
            return refusal;
        var model = body.GetProperty("model").GetString()!;
        var prompt = PromptText.Of(body);
        var all = prompt.All;
        var chosen = state.Answers?.Invoke(new EmulatedRequest(url, customId, model, all, body));
        if (chosen?.Body is { } raw)
            return new RawAnswer(chosen.StatusCode, raw);
        if (chosen is { StatusCode: < 200 or >= 300 })
            return Error(chosen.StatusCode, chosen.Text ?? "The request failed.");
        var request = new AnswerRequest(body, ModelNames.Resolve(model), all, prompt.Question, state.Time.GetUtcNow(), chosen)
        {
            WriteCost = writeCost,
        };
        return Answer(url, request, asChat);
    }

    private static OpenAIAnswer Answer(string url, AnswerRequest request, bool asChat)
    {
        try
        {
            return url switch
            {
                OpenAIEndpoints.Chat => new ChatAnswer(request, ModelOutput.ForChat(request)),
                OpenAIEndpoints.Responses when asChat => new ChatAnswer(request, ModelOutput.ForResponses(request)),
                OpenAIEndpoints.Responses => new ResponsesAnswer(request, ModelOutput.ForResponses(request)),
                OpenAIEndpoints.Moderations => new ModerationAnswer(request),
                _ => new EmbeddingsAnswer(request),
            };
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return Error(400, $"Invalid schema or tool: {error.Message}", null, "invalid_schema");
        }
    }

    private static RawAnswer? Refuse(string url, JsonElement body)
    {
        if (!OpenAIEndpoints.Answered.Contains(url))
            return Error(400, $"The emulator does not answer {url}.");
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("model", out var model)
            || model.ValueKind != JsonValueKind.String)
            return Error(400, "you must provide a model parameter");
        var input = url == OpenAIEndpoints.Chat ? "messages" : "input";
        return body.TryGetProperty(input, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Array
            ? null
            : Error(400, $"Missing required parameter: '{input}'.", input, "missing_required_parameter");
    }

    private static RawAnswer Error(int statusCode, string message, string? param = null, string? code = null) =>
        new(statusCode, OpenAIRefusals.Envelope(statusCode, message, param, code).ToJsonString());
}
