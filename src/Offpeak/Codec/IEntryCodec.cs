using Microsoft.Extensions.AI;

namespace Offpeak.Codec;

/// <summary>Turns chat messages into the body a provider's own synchronous client would send, and its answers back into chat responses.</summary>
public interface IEntryCodec
{
    /// <summary>Encodes one entry: UTF-8 JSON on one line, byte for byte (after compaction) what the synchronous client sends.</summary>
    /// <exception cref="OffpeakException">A setting cannot be carried by this provider; the message names it.</exception>
    byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null);

    /// <summary>Reads the answer's text with a fast forward reader; null if the body holds none.</summary>
    string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body);

    /// <summary>
    /// Reads every answer that the body holds, in order: one, unless the request asked for more; none if it holds no answer at all.
    /// </summary>
    IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        ReadText(endpoint, body) is { } text ? [new AnswerChoice(text, [text])] : [];

    /// <summary>Decodes a stored body into the response the synchronous client would have returned.</summary>
    /// <exception cref="OffpeakException">The body cannot be decoded.</exception>
    ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body);

    /// <summary>
    /// Makes the body of a conversation's next turn: the request, the model's answer exactly as it came, and further messages (what a tool
    /// returned, or what is wrong with the answer; none where the model has paused). Everything else in the request stays as it is.
    /// </summary>
    /// <exception cref="OffpeakException">The bodies cannot be continued on this endpoint.</exception>
    byte[] Continue(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages);

    /// <summary>A copy of a request whose limit on output tokens is some times as high; null if the request sets no limit.</summary>
    byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor);

    /// <summary>The most output tokens that a request allows for its answer, or null.</summary>
    int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request);

    /// <summary>The JSON schema that a request demands of its answer, or null.</summary>
    string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request);

    /// <summary>The input tokens of a request: counted where the model's tokenizer is known, else estimated.</summary>
    TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request);
}
