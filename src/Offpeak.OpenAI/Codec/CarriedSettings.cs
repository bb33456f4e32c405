using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.OpenAI.Codec;

/// <summary>Finds settings that the client left out of the body without a word, so that none is lost silently.</summary>
internal sealed class CarriedSettings
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private int tools;

    public CarriedSettings(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1_100 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            names.Add(name);
            reader.Read();
            if (name == "tools" && reader.TokenType == JsonTokenType.StartArray)
                CountTools(ref reader);
            else
                reader.Skip();
        }
    }

    /// <summary>The name of the first setting that is set and not in the body, or null.</summary>
    public string? FirstLost(ChatOptions options) => Lost(options).FirstOrDefault();

    private IEnumerable<string> Lost(ChatOptions options)
    {
        foreach (var (name, isSet, carriers) in Table(options))
        {
            if (isSet && !carriers.Any(names.Contains))
                yield return name;
        }

        if (options.Tools is { Count: > 0 } wanted && tools + (names.Contains("web_search_options") ? 1 : 0) < wanted.Count)
            yield return nameof(ChatOptions.Tools);
        foreach (var name in options.AdditionalProperties?.Keys ?? Enumerable.Empty<string>())
        {
            if (!names.Contains(name))
                yield return $"{nameof(ChatOptions.AdditionalProperties)}[\"{name}\"]";
        }
    }

    private static IEnumerable<(string Name, bool IsSet, string[] Carriers)> Table(ChatOptions options)
    {
        var hasTools = options.Tools is { Count: > 0 };
        yield return (nameof(options.Temperature), options.Temperature is not null, ["temperature"]);
        yield return (nameof(options.MaxOutputTokens), options.MaxOutputTokens is not null,
            ["max_completion_tokens", "max_tokens", "max_output_tokens"]);
        yield return (nameof(options.TopP), options.TopP is not null, ["top_p"]);
        yield return (nameof(options.TopK), options.TopK is not null, ["top_k"]);
        yield return (nameof(options.FrequencyPenalty), options.FrequencyPenalty is not null, ["frequency_penalty"]);
        yield return (nameof(options.PresencePenalty), options.PresencePenalty is not null, ["presence_penalty"]);
        yield return (nameof(options.Seed), options.Seed is not null, ["seed"]);
        yield return (nameof(options.StopSequences), options.StopSequences is { Count: > 0 }, ["stop"]);
        yield return (nameof(options.Reasoning), options.Reasoning?.Effort is not null, ["reasoning_effort", "reasoning"]);
        yield return ("Reasoning.Output", options.Reasoning?.Output is { } output && output != ReasoningOutput.None, ["reasoning"]);
        yield return (nameof(options.ResponseFormat), options.ResponseFormat is ChatResponseFormatJson, ["response_format", "text"]);
        yield return (nameof(options.ConversationId), options.ConversationId is not null, ["previous_response_id", "conversation"]);
        yield return (nameof(options.ToolMode), hasTools && options.ToolMode is not null, ["tool_choice"]);
        yield return (nameof(options.AllowMultipleToolCalls), hasTools && options.AllowMultipleToolCalls is not null, ["parallel_tool_calls"]);
        yield return (nameof(options.AllowBackgroundResponses), options.AllowBackgroundResponses == true, []);
        yield return (nameof(options.ContinuationToken), options.ContinuationToken is not null, []);
    }

    private void CountTools(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            tools++;
        }
    }
}
