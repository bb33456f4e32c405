using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Gemini.Results;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>Decodes an answer (Gemini API reference, GenerateContentResponse).</summary>
internal static class AnswerDecoder
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_100 };

    public static ChatResponse Decode(ReadOnlyMemory<byte> body)
    {
        var answer = Parse(body);
        if (answer.ValueKind != JsonValueKind.Object)
            throw Refusal.Undecodable("The answer is no JSON object");
        if (answer.Child("error") is { } error)
            throw Refusal.Undecodable($"The answer is an error ({error.Text("status") ?? error.Text("code") ?? "no code"})");
        var blockReason = answer.Child("promptFeedback")?.Text("blockReason");
        var candidate = FirstCandidate(answer);
        if (candidate is null && blockReason is null)
            throw Refusal.Undecodable("The answer holds no candidates");
        var contents = candidate is { } found ? PartsOf(found) : [Blocked(answer, blockReason!)];
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents) { RawRepresentation = candidate })
        {
            ResponseId = answer.Text("responseId"),
            ModelId = answer.Text("modelVersion"),
            FinishReason = FinishReasonOf(candidate, contents, blockReason is not null),
            Usage = answer.Child("usageMetadata") is { } usage ? UsageOf(usage) : null,
            RawRepresentation = answer,
        };
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Deep);
            return document.RootElement.Clone();
        }
        catch (JsonException cause)
        {
            throw Refusal.Undecodable("The answer is not valid JSON", cause);
        }
    }

    private static JsonElement? FirstCandidate(JsonElement answer) =>
        answer.Child("candidates") is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0
            && list[0].ValueKind == JsonValueKind.Object
            ? list[0]
            : null;

    private static List<AIContent> PartsOf(JsonElement candidate)
    {
        var contents = new List<AIContent>();
        if (candidate.Child("content")?.Child("parts") is not { ValueKind: JsonValueKind.Array } parts)
            return contents;
        foreach (var part in parts.EnumerateArray())
            contents.Add(PartDecoder.Decode(part, contents.Count));
        return contents;
    }

    private static ErrorContent Blocked(JsonElement answer, string reason) =>
        new(answer.Child("promptFeedback")?.Text("blockReasonMessage") ?? $"Gemini blocked the prompt: {reason}.") { ErrorCode = reason };

    private static ChatFinishReason? FinishReasonOf(JsonElement? candidate, List<AIContent> contents, bool isBlocked)
    {
        var callsTool = contents.Exists(content => content is FunctionCallContent);
        var word = GeminiFinishReasons.Normalize(candidate?.Text("finishReason"), callsTool, isBlocked);
        return word is null ? null : new ChatFinishReason(word);
    }

    private static UsageDetails UsageOf(JsonElement usage)
    {
        var thoughts = usage.WholeNumber("thoughtsTokenCount");
        var prompt = Sum(usage.WholeNumber("promptTokenCount"), usage.WholeNumber("toolUsePromptTokenCount"));
        var output = Sum(usage.WholeNumber("candidatesTokenCount"), thoughts);
        return new UsageDetails
        {
            InputTokenCount = prompt,
            OutputTokenCount = output,
            TotalTokenCount = usage.WholeNumber("totalTokenCount") ?? Sum(prompt, output),
            CachedInputTokenCount = usage.WholeNumber("cachedContentTokenCount"),
            ReasoningTokenCount = thoughts,
        };
    }

    private static int? Sum(int? first, int? second) => first is null ? second : first + (second ?? 0);
}
