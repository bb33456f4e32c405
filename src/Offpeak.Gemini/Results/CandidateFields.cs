using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Results;

/// <summary>What we take from a candidate (Gemini API reference, Candidate and Part).</summary>
internal struct CandidateFields
{
    public string? FinishWord;
    public string? FinishMessage;
    public bool CallsTool;

    /// <summary>Whether there is a part that is neither a thought nor an empty text.</summary>
    public bool HoldsSomething;

    /// <summary>Reads the current object to its end.</summary>
    public static CandidateFields Read(ref Utf8JsonReader reader)
    {
        var candidate = default(CandidateFields);
        while (reader.NextProperty())
        {
            if (reader.IsNamed("finishReason"u8))
                candidate.FinishWord = reader.NextText();
            else if (reader.IsNamed("finishMessage"u8))
                candidate.FinishMessage = reader.NextText();
            else if (reader.IsNamed("content"u8) && reader.Read())
                candidate.ReadContent(ref reader);
            else
                reader.NextIgnored();
        }

        return candidate;
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.SkipValue();
            return;
        }

        while (reader.NextProperty())
        {
            var isParts = reader.IsNamed("parts"u8);
            reader.Read();
            if (!isParts || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.SkipValue();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadPart(ref reader);
                else
                    reader.SkipValue();
            }
        }
    }

    private void ReadPart(ref Utf8JsonReader reader)
    {
        var (isThought, holdsSomething) = (false, false);
        while (reader.NextProperty())
        {
            var isText = reader.IsNamed("text"u8);
            var saysThought = reader.IsNamed("thought"u8);
            var isRemark = reader.IsNamed("thoughtSignature"u8) || reader.IsNamed("thought_signature"u8) || reader.IsNamed("partMetadata"u8);
            CallsTool |= reader.IsNamed("functionCall"u8);
            reader.Read();
            isThought |= saysThought && reader.TokenType == JsonTokenType.True;
            holdsSomething |= isText ? reader.HasWords() : !saysThought && !isRemark;
            reader.SkipValue();
        }

        HoldsSomething |= holdsSomething && !isThought;
    }
}
