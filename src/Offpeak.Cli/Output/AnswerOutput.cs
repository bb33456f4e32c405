using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Cli.Output;

/// <summary>
/// The answer as JSON, in the same words whoever gave it: the value of a structured answer, the tool calls, the vector. The provider's own
/// body only where there is no such form (moderations, images).
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
            WriteVector(json, outcome);
        else if (text is not null)
            WriteStructured(json, text);
        else if (outcome.Endpoint.HasText)
            json.WriteNullValue();
        else
            json.WriteRawValue(OneLine.Compact(outcome.Body.Span), skipInputValidation: true);
    }

    private static void WriteStructured(Utf8JsonWriter json, string text)
    {
        var trimmed = text.AsSpan().Trim();
        if (trimmed.IsEmpty || trimmed[0] is not ('{' or '['))
        {
            json.WriteNullValue();
            return;
        }

        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            using var _ = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 1_000 });
            json.WriteRawValue(OneLine.Compact(bytes), skipInputValidation: true);
        }
        catch (JsonException)
        {
            json.WriteNullValue();
        }
    }

    private static void WriteVector(Utf8JsonWriter json, EntryOutcome outcome)
    {
        try
        {
            var vectors = outcome.ToEmbeddings();
            json.WriteStartArray();
            foreach (var number in vectors[0].Vector.Span)
                json.WriteNumberValue(number);
            json.WriteEndArray();
        }
        catch (OffpeakException)
        {
            json.WriteRawValue(OneLine.Compact(outcome.Body.Span), skipInputValidation: true);
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
