using Microsoft.Extensions.AI;

namespace Offpeak;

/// <summary>A request to add to a batch.</summary>
public sealed class NewEntry
{
    private NewEntry(string customId) => CustomId = customId;

    /// <summary>The user's id, unique in the batch; any text that is not empty.</summary>
    public string CustomId { get; }

    /// <summary>The model of this entry, without the provider's name; null means the batch's model.</summary>
    public string? Model { get; init; }

    /// <summary>The request body, if it was given as such.</summary>
    public ReadOnlyMemory<byte>? Body { get; private init; }

    /// <summary>The messages, if it was given as chat.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; private init; }

    /// <summary>The options that go with the messages.</summary>
    public ChatOptions? Options { get; private init; }

    /// <summary>The text, if it was given to be embedded.</summary>
    public string? Text { get; private init; }

    /// <summary>An entry from a text to be embedded, for batches of <see cref="Codec.BatchEndpoint.Embeddings"/>.</summary>
    public static NewEntry FromText(string customId, string text, string? model = null) => new(customId) { Text = text, Model = model };

    /// <summary>An entry from chat messages; encoded as the provider's own client would send it.</summary>
    public static NewEntry FromChat(string customId, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        new(customId) { Messages = [.. messages], Options = options, Model = options?.ModelId };

    /// <summary>An entry from one prompt.</summary>
    public static NewEntry FromPrompt(string customId, string prompt, ChatOptions? options = null) =>
        FromChat(customId, [new ChatMessage(ChatRole.User, prompt)], options);

    /// <summary>An entry from a request body in the provider's own format: UTF-8 JSON on one line. Passed on untouched.</summary>
    public static NewEntry FromBody(string customId, ReadOnlyMemory<byte> body, string? model = null) => new(customId) { Body = body, Model = model };
}
