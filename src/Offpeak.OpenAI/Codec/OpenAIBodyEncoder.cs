using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>Lets the official client write a request body, and takes it down.</summary>
internal static class OpenAIBodyEncoder
{
    public static byte[] Encode(EndpointKind kind, string model, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (options?.ModelId is { } other && other != model)
            throw Refuse($"ModelId is '{other}', but the entry's model is '{model}'; leave ModelId out or make them equal.");
        var body = OneLine.Compact(Record(OpenAIRecordingClients.Get(kind, model), messages, options));
        if (options is not null && new CarriedSettings(body).FirstLost(options) is { } lost)
            throw Refuse($"The setting {lost} cannot be sent to this endpoint; leave it out or choose another endpoint.");
        return body;
    }

    private static byte[] Record(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var slot = new OpenAIRecordingSlot();
        var outer = OpenAIRecordingSlot.Current;
        OpenAIRecordingSlot.Current = slot;
        try
        {
            client.GetResponseAsync(messages, options).GetAwaiter().GetResult();
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            throw new OffpeakException(OffpeakErrorCode.InvalidInput, "The messages or settings cannot be sent to this endpoint.", cause);
        }
        finally
        {
            OpenAIRecordingSlot.Current = outer;
        }

        return slot.Body ?? throw Refuse("The client sent nothing for this entry.");
    }

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
