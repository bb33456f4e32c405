using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>Writes a whole request (Gemini API reference, GenerateContentRequest).</summary>
internal static class RequestEncoder
{
    public static byte[] Encode(string model, IEnumerable<ChatMessage> messages, ChatOptions? options, GeminiSchemaField schemaField)
    {
        var list = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        if (options is not null)
            CheckSettings(model, options);
        try
        {
            return JsonBytes.Write(json => Write(json, model, list, options, schemaField));
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw Refusal.Input("The messages or settings cannot be written as JSON.", cause);
        }
    }

    private static void Write(Utf8JsonWriter json, string model, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options, GeminiSchemaField schemaField)
    {
        var writer = new MessageWriter(json);
        json.WriteStartObject();
        writer.WriteContents(messages);
        var isInstructed = writer.WriteSystemInstruction(messages, options?.Instructions);
        if (options is not null && ExtraSettings.HasAny(options))
            WriteMerged(json, model, options, schemaField, isInstructed);
        else if (options is not null)
            WriteSettings(json, model, options, schemaField);
        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, string model, ChatOptions options, GeminiSchemaField schemaField)
    {
        ToolWriter.Write(json, options);
        ConfigWriter.Write(json, model, options, schemaField);
    }

    /// <summary>Only the settings are merged as a tree; the messages, which are large, are written straight.</summary>
    private static void WriteMerged(Utf8JsonWriter json, string model, ChatOptions options, GeminiSchemaField schemaField, bool isInstructed)
    {
        var settings = JsonBytes.Write(own =>
        {
            own.WriteStartObject();
            WriteSettings(own, model, options, schemaField);
            own.WriteEndObject();
        });
        foreach (var (name, value) in ExtraSettings.Merge(settings, options))
        {
            if (name == "contents" || (name == "systemInstruction" && isInstructed))
                throw Refusal.Input($"The setting {name} is set twice: by the messages and by {nameof(options.RawRepresentationFactory)}.");
            json.WritePropertyName(name);
            if (value is null)
                json.WriteNullValue();
            else
                value.WriteTo(json);
        }
    }

    private static void CheckSettings(string model, ChatOptions options)
    {
        if (options.ModelId is { } other && other != model)
            throw Refusal.Input($"ModelId is '{other}', but the entry's model is '{model}'; leave ModelId out or make them equal.");
        if (options.ConversationId is not null)
            throw Refusal.Setting(nameof(options.ConversationId));
        if (options.ContinuationToken is not null)
            throw Refusal.Setting(nameof(options.ContinuationToken));
        if (options.AllowBackgroundResponses == true)
            throw Refusal.Setting(nameof(options.AllowBackgroundResponses));
        if (options.AllowMultipleToolCalls == false)
            throw Refusal.Setting(nameof(options.AllowMultipleToolCalls));
    }
}
