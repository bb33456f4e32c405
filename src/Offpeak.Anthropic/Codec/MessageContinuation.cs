using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Codec;

/// <summary>
/// Writes the next turn of a conversation into a request body. The content blocks of the answer are taken over as they came, so that
/// signed and hidden thinking and block types that the library does not know are sent back too.
/// </summary>
internal static class MessageContinuation
{
    public static byte[] Continue(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        var body = JsonEdit.Parse(request);
        if (body["messages"] is not JsonArray turns)
            throw Refuse("The request has no 'messages' to go on from.");
        if (JsonEdit.Parse(answer)["content"] is not JsonArray content)
            throw Refuse("The answer holds no content to go on from.");
        if (content.Count > 0)
            turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() });
        if (messages.Count == 0)
            return JsonEdit.Write(body);
        var further = JsonEdit.Parse(MessageEncoder.Encode(body["model"]?.GetValue<string>() ?? "m", messages, options: null));
        if (further["system"] is not null)
            throw Refuse("A system message cannot be added to a conversation that has begun; say it as the user.");
        foreach (var turn in further["messages"]!.AsArray())
            turns.Add(turn!.DeepClone());
        return JsonEdit.Write(body);
    }

    private static OffpeakException Refuse(string message) => new(OffpeakErrorCode.InvalidInput, message);
}
