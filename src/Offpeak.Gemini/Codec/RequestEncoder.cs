using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>Writes a whole request (Gemini API reference, GenerateContentRequest).</summary>
internal static class RequestEncoder
{
    public static byte[] Encode(string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var list = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        if (options is not null)
            CheckSettings(model, options);
        byte[] body;
        try
        {
            body = JsonBytes.Write(json => Write(json, model, list, options));
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw Refusal.Input("The messages or settings cannot be written as JSON.", cause);
        }
        return options is null ? body : ExtraSettings.Merge(body, options);
    }

    private static void Write(Utf8JsonWriter json, string model, IReadOnlyCollection<ChatMessage> messages, ChatOptions? options)
    {
        var writer = new MessageWriter(json);
        json.WriteStartObject();
        writer.WriteContents(messages);
        writer.WriteSystemInstruction(messages, options?.Instructions);
        if (options is not null)
        {
            ToolWriter.Write(json, options);
            ConfigWriter.Write(json, model, options);
        }
        json.WriteEndObject();
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
