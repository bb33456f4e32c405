using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Results;

/// <summary>What we take from an answer beside its bytes (Gemini API reference, GenerateContentResponse and EmbedContentResponse).</summary>
internal struct AnswerFields
{
    public bool HasCandidates;
    public bool HasEmbedding;
    public bool CallsTool;
    public string? FinishWord;
    public string? BlockReason;

    /// <summary>What Google says of the end, or of the block, in words.</summary>
    public string? Explanation;

    public string? Model;
    public TokenUsage? Usage;
    private long? tokenCount;
    private string? blockedWord;
    private bool hasAnswer;

    /// <summary>A blocked prompt is an answer too: without a text, and with a reason.</summary>
    public readonly bool IsAnswer => HasCandidates || HasEmbedding || BlockReason is not null;

    public readonly string? FinishReason => GeminiFinishReasons.Normalize(FinishWord, CallsTool, BlockReason is not null);

    /// <summary>The word for why there is no answer: the prompt or every candidate was blocked. Null if there is one, or another reason.</summary>
    public readonly string? BlockedBy => hasAnswer ? null : BlockReason ?? blockedWord;

    /// <summary>Whether there are candidates, or could have been, and none of them holds more than thoughts.</summary>
    public readonly bool IsEmpty => !HasEmbedding && !hasAnswer && HasCandidates;

    /// <summary>Reads the current object to its end. Of duplicate names the first counts.</summary>
    public static AnswerFields Read(ref Utf8JsonReader reader)
    {
        var answer = new AnswerFields();
        while (reader.NextProperty())
            answer.ReadProperty(ref reader);
        answer.Usage ??= answer.tokenCount is { } count ? new TokenUsage(count, 0, 0) : null;
        return answer;
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (!HasCandidates && reader.IsNamed("candidates"u8) && reader.Read())
            ReadCandidates(ref reader);
        else if (Usage is null && reader.IsNamed("usageMetadata"u8) && reader.Read())
            Usage = GeminiUsageFields.Read(ref reader);
        else if (Model is null && reader.IsNamed("modelVersion"u8) && reader.Read())
            Model = CurrentText(ref reader);
        else if (BlockReason is null && reader.IsNamed("promptFeedback"u8) && reader.Read())
            ReadFeedback(ref reader);
        else if (reader.IsNamed("embedding"u8) && reader.Read())
        {
            HasEmbedding |= reader.TokenType == JsonTokenType.StartObject;
            reader.SkipValue();
        }
        else if (reader.IsNamed("tokenCount"u8) && reader.Read())
        {
            tokenCount = reader.NumberOrNull();
            reader.SkipValue();
        }
        else if (reader.Read())
            reader.SkipValue();
    }

    private void ReadCandidates(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.SkipValue();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                reader.SkipValue();
            else
                ReadCandidate(ref reader);
            HasCandidates = true;
        }
    }

    private void ReadCandidate(ref Utf8JsonReader reader)
    {
        var candidate = CandidateFields.Read(ref reader);
        if (!HasCandidates)
            (FinishWord, CallsTool) = (candidate.FinishWord, candidate.CallsTool);
        var isBlocked = GeminiFinishReasons.IsBlock(candidate.FinishWord);
        blockedWord ??= isBlocked ? candidate.FinishWord : null;
        Explanation ??= candidate.FinishMessage;
        hasAnswer |= candidate.HoldsSomething && !isBlocked;
    }

    private void ReadFeedback(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            if (reader.IsNamed("blockReason"u8))
                BlockReason = reader.NextText();
            else if (reader.IsNamed("blockReasonMessage"u8))
                Explanation = reader.NextText();
            else
                reader.NextIgnored();
        }
    }

    private static string? CurrentText(ref Utf8JsonReader reader)
    {
        var text = reader.TextOrNull();
        reader.SkipValue();
        return text;
    }
}
