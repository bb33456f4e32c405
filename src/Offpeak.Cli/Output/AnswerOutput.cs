using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Cli.Output;

/// <summary>
/// The answer as JSON, in the same words whoever gave it: the value of a structured answer, the tool calls, the vector; a list where the
/// request asked for several answers or gave several inputs. The provider's own body only where there is no such form (moderations, images).
/// </summary>
internal static class AnswerOutput
{
    /// <summary>Writes the value; null if the answer is plain text or there is none.</summary>
    public static void Write(Utf8JsonWriter json, EntryOutcome outcome, string? text)
    {
        if (outcome.Body.IsEmpty || outcome.Status != EntryStatus.Succeeded)
            json.WriteNullValue();
        else if (outcome.FinishReason == FinishReasons.ToolCalls && TryReadCalls(outcome, out var calls))
            WriteCalls(json, calls);
        else if (outcome.Endpoint == BatchEndpoint.Embeddings)
            WriteVectors(json, outcome);
        else if (outcome.Choices is { Count: > 1 } choices)
            WriteChoices(json, choices);
        else if (text is not null)
            WriteStructured(json, outcome.Choices is [var only] ? only : new AnswerChoice(text, [text]));
        else if (outcome.Endpoint.HasText)
            json.WriteNullValue();
        else
            json.WriteRawValue(OneLine.Compact(outcome.Body.Span), skipInputValidation: true);
    }

    private static void WriteChoices(Utf8JsonWriter json, IReadOnlyList<AnswerChoice> choices)
    {
        json.WriteStartArray();
        foreach (var choice in choices)
        {
            if (StructureOf(choice) is { } value)
                json.WriteRawValue(value, skipInputValidation: true);
            else
                json.WriteStringValue(choice.Text);
        }

        json.WriteEndArray();
    }

    private static void WriteStructured(Utf8JsonWriter json, AnswerChoice choice)
    {
        if (StructureOf(choice) is { } value)
            json.WriteRawValue(value, skipInputValidation: true);
        else
            json.WriteNullValue();
    }

    // A model asked for JSON may put a fence around it, or say more in a part of its own.
    private static byte[]? StructureOf(AnswerChoice choice) => choice.Candidates().Select(StructureOf).FirstOrDefault(value => value is not null);

    private static byte[]? StructureOf(string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.IsEmpty || trimmed[0] is not ('{' or '['))
            return null;

        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            using var _ = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 1_000 });
            return OneLine.Compact(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteVectors(Utf8JsonWriter json, EntryOutcome outcome)
    {
        if (TryReadVectors(outcome) is not { Count: > 0 } vectors)
            json.WriteRawValue(OneLine.Compact(outcome.Body.Span), skipInputValidation: true);
        else if (vectors is [var only])
            WriteVector(json, only);
        else
        {
            json.WriteStartArray();
            foreach (var vector in vectors)
                WriteVector(json, vector);
            json.WriteEndArray();
        }
    }

    private static void WriteVector(Utf8JsonWriter json, Embedding<float> vector)
    {
        json.WriteStartArray();
        foreach (var number in vector.Vector.Span)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    // JSON has no word for what is no number.
    private static IReadOnlyList<Embedding<float>>? TryReadVectors(EntryOutcome outcome)
    {
        try
        {
            var vectors = outcome.ToEmbeddings();
            return vectors.All(vector => Array.TrueForAll(vector.Vector.ToArray(), float.IsFinite)) ? vectors : null;
        }
        catch (OffpeakException)
        {
            return null;
        }
    }

    private static bool TryReadCalls(EntryOutcome outcome, out List<FunctionCallContent> calls)
    {
        try
        {
            calls = [.. outcome.ToChatResponse().Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
            return calls.Count > 0;
        }
        catch (OffpeakException)
        {
            calls = [];
            return false;
        }
    }

    private static void WriteCalls(Utf8JsonWriter json, List<FunctionCallContent> calls)
    {
        json.WriteStartObject();
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("name", call.Name);
            json.WritePropertyName("arguments");
            WriteArguments(json, call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteArguments(Utf8JsonWriter json, IDictionary<string, object?>? arguments)
    {
        if (arguments is null)
            json.WriteNullValue();
        else
            JsonSerializer.Serialize(json, arguments, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));
    }
}
