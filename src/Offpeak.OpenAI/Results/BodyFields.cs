using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Results;

/// <summary>What we take from a response body beside its bytes: chat completions, Responses and embeddings.</summary>
internal struct BodyFields
{
    public bool IsObject;
    public bool HasChoices;
    public string? Model;
    public string? Status;
    public string? ChatFinishReason;
    public string? IncompleteReason;
    public bool HasToolCalls;
    public TokenUsage? Usage;

    /// <summary>US dollars, where the server says them in its usage object.</summary>
    public decimal? Cost;

    public OpenAIErrorFields Error;

    /// <summary>What the answers of the body hold, one after the other.</summary>
    private AnswerContent answer;
    private bool hasAnswer;
    private bool hasList;
    private bool isBlocked;

    /// <summary>Whether there is a list of answers or output items, and nothing in it that is one.</summary>
    public readonly bool IsEmpty => hasList && !hasAnswer && !HasToolCalls;

    /// <summary>Whether the model refused, and gave no other answer.</summary>
    public readonly bool IsRefused => answer.IsRefused && !hasAnswer;

    /// <summary>The model's own sentence, or null.</summary>
    public readonly string? Refusal => answer.Refusal;

    /// <summary>Whether the server blocked the answer, and gave no other.</summary>
    public readonly bool IsBlocked => IncompleteReason == FinishReasons.ContentFilter || (isBlocked && !hasAnswer);

    /// <summary>
    /// Why the model stopped, in the words of chat completions. A response has no such word: its status and output items say it
    /// (OpenAI API reference, Response object, status, incomplete_details, output).
    /// </summary>
    public readonly string? FinishReason => (ChatFinishReason ?? IncompleteReason ?? Status) switch
    {
        "function_call" => FinishReasons.ToolCalls,
        "max_output_tokens" => "length",
        "incomplete" when ChatFinishReason is null => "length",
        "completed" when ChatFinishReason is null => HasToolCalls ? "tool_calls" : "stop",
        var word => word,
    };

    /// <summary>Reads the current value to its end. Of duplicate names the first counts.</summary>
    public static BodyFields Read(ref Utf8JsonReader reader)
    {
        var body = new BodyFields { IsObject = reader.TokenType == JsonTokenType.StartObject };
        if (!body.IsObject)
        {
            reader.SkipValue();
            return body;
        }

        while (reader.NextProperty())
            body.ReadProperty(ref reader);
        return body;
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (Model is null && reader.IsNamed("model"u8))
            Model = reader.NextText();
        else if (Status is null && reader.IsNamed("status"u8))
            Status = reader.NextText();
        else if (reader.IsNamed("usage"u8) && Usage is null && reader.Read())
            Usage = OpenAIUsageFields.Read(ref reader, out Cost);
        else if (reader.IsNamed("error"u8) && !Error.Exists && reader.Read())
            Error = OpenAIErrorFields.Read(ref reader);
        else if (!HasChoices && reader.IsNamed("choices"u8) && reader.Read())
            ReadChoices(ref reader);
        else if (reader.IsNamed("output"u8) && reader.Read())
            ReadOutput(ref reader);
        else if (IncompleteReason is null && reader.IsNamed("incomplete_details"u8) && reader.Read())
            IncompleteReason = reader.TextIn("reason"u8);
        else
            reader.NextIgnored();
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        hasList = reader.TokenType == JsonTokenType.StartArray;
        if (!hasList)
        {
            reader.SkipValue();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var choice = default(AnswerContent);
            var finish = choice.ReadChoice(ref reader);
            if (!HasChoices)
                ChatFinishReason = finish;
            HasChoices = true;
            Add(choice, finish == FinishReasons.ContentFilter);
        }
    }

    private void ReadOutput(ref Utf8JsonReader reader)
    {
        hasList = reader.TokenType == JsonTokenType.StartArray;
        if (!hasList)
        {
            reader.SkipValue();
            return;
        }

        var output = default(AnswerContent);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            HasToolCalls |= output.ReadItem(ref reader) is "function_call" or "custom_tool_call";
        // Why it is incomplete may stand before or behind it, and holds for all of it.
        Add(output, blocked: false);
    }

    private void Add(in AnswerContent one, bool blocked)
    {
        answer.Add(one);
        isBlocked |= blocked;
        hasAnswer |= one.HasContent && !one.IsRefused && !blocked;
    }
}
