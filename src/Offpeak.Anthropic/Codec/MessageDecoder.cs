using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Anthropic.Results;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Codec;

/// <summary>Decodes stored messages by replaying them to the official client, after looking for what is no message.</summary>
internal static class MessageDecoder
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "q")];

    public static ChatResponse Decode(ReadOnlyMemory<byte> body)
    {
        var fields = Check(body.Span);
        try
        {
            return AnthropicRecordingClients.Call(fields.Model ?? "m", new AnthropicRecordingSlot { Answer = body }, Question, options: null);
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw Undecodable("The answer has a form that the Anthropic library does not know", cause);
        }
    }

    private static MessageFields Check(ReadOnlySpan<byte> body)
    {
        var fields = ReadFields(body);
        if (fields.Error.Exists || fields.Type == "error")
            throw Undecodable($"The answer is an error ({fields.Error.Type ?? "no type"})");
        return fields.HasContent ? fields : throw Undecodable("The answer holds no content");
    }

    private static MessageFields ReadFields(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            reader.Read();
            var fields = MessageFields.Read(ref reader);
            return fields.IsObject ? fields : throw Undecodable("The answer is no JSON object");
        }
        catch (JsonException cause)
        {
            throw Undecodable("The answer is not valid JSON", cause);
        }
    }

    private static OffpeakException Undecodable(string reason, Exception? cause = null) =>
        new(OffpeakErrorCode.Provider, $"{reason}, so it cannot be decoded; its stored body is unchanged.", cause);
}
