using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Codec;

/// <summary>Lets the official client write a request body, takes it down, and adds the settings that the client leaves out.</summary>
internal static class MessageEncoder
{
    public static byte[] Encode(string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options?.ModelId is { } other && other != model)
            throw Refuse($"ModelId is '{other}', but the entry's model is '{model}'; leave ModelId out or make them equal.");
        var turns = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var body = OneLine.Compact(Record(model, turns, WithToolMode(options)));
        var carried = new CarriedFields(body);
        if (carried.FirstLostContent(turns) is { } content)
            throw Refuse($"A content of type {content} cannot be sent to Anthropic.");
        return options is null ? body : LeftOutSettings.Add(body, carried, options);
    }

    private static byte[] Record(string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var slot = new AnthropicRecordingSlot();
        try
        {
            AnthropicRecordingClients.Call(model, slot, messages, options);
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The messages or settings cannot be sent to Anthropic.", cause);
        }

        return slot.Body ?? throw Refuse("The client sent nothing for this entry.");
    }

    /// <summary>The client says whether tools may be called in parallel only beside a tool mode, so the default mode is said aloud.</summary>
    private static ChatOptions? WithToolMode(ChatOptions? options)
    {
        if (options is not { Tools.Count: > 0, ToolMode: null, AllowMultipleToolCalls: not null })
            return options;
        options = options.Clone();
        options.ToolMode = ChatToolMode.Auto;
        return options;
    }

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
