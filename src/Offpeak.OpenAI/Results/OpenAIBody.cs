using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Results;

/// <summary>What a response body in OpenAI's form says beside its text, read in one forward pass: for providers whose answers have that form.</summary>
[Experimental("OFFPEAK001")]
public readonly struct OpenAIBody
{
    private readonly BodyFields fields;

    private OpenAIBody(BodyFields fields, int start, int length)
    {
        this.fields = fields;
        Start = start;
        Length = length;
    }

    /// <summary>Where the body begins in the bytes that were read.</summary>
    public int Start { get; }

    /// <summary>Its length in bytes; zero if there is none.</summary>
    public int Length { get; }

    /// <summary>Whether it is a chat completion, whatever endpoint was asked.</summary>
    public bool IsChat => fields.HasChoices;

    /// <summary>The tokens used, or null.</summary>
    public TokenUsage? Usage => fields.Usage;

    /// <summary>Why the model stopped, in the words of chat completions, or null.</summary>
    public string? FinishReason => fields.FinishReason;

    /// <summary>Whether the model refused, and gave no other answer.</summary>
    public bool IsRefused => fields.IsRefused;

    /// <summary>The model's own sentence for that as it came, or null.</summary>
    public string? Refusal => fields.Refusal;

    /// <summary>Whether the server blocked the answer, and gave no other.</summary>
    public bool IsBlocked => fields.IsBlocked;

    /// <summary>Whether it is a chat completion or a response without text, tool call or other output.</summary>
    public bool IsEmpty => fields.IsEmpty;

    /// <summary>The model that answered, or null.</summary>
    public string? Model => fields.Model;

    /// <summary>The cost in US dollars, where the server says it, or null.</summary>
    public decimal? Cost => fields.Cost;

    /// <summary>The code or type of the error in the body, or null.</summary>
    public string? ErrorCode => fields.Error.CodeOrType;

    /// <summary>The message of that error as it came, or null.</summary>
    public string? ErrorMessage => fields.Error.Message;

    /// <summary>Reads the reader's current value to its end.</summary>
    public static OpenAIBody Read(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var fields = BodyFields.Read(ref reader);
        return new(fields, start, (int)reader.BytesConsumed - start);
    }

    /// <summary>Whether bytes are a chat completion; false if they are no JSON.</summary>
    public static bool IsChatCompletion(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            return reader.Read() && BodyFields.Read(ref reader).HasChoices;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What became of the entry, and whether a failure passes, where the body came without an HTTP status of its own.</summary>
    public (ProviderResultKind Kind, bool IsPassing) Classify() => ResultClassifier.Classify(new OpenAIResultLine
    {
        StatusCode = fields.Error.Exists ? null : 200,
        BodyLength = Length,
        Fields = fields,
    });
}
