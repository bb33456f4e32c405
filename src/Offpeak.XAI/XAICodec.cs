using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.OpenAI;
using Offpeak.OpenAI.Results;
using Offpeak.XAI.Codec;

namespace Offpeak.XAI;

/// <summary>
/// xAI speaks OpenAI's chat completions and Responses, so OpenAI's codec does the work. Results of Responses entries come back as chat
/// completions, though, so an answer is read by its shape and not by its endpoint.
/// </summary>
public sealed class XAICodec : IEntryCodec
{
    private readonly OpenAICodec codec = new();

    /// <inheritdoc/>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        codec.Encode(model, endpoint, messages, options);

    /// <inheritdoc/>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) => codec.ReadText(ShapeOf(endpoint, body), body);

    /// <inheritdoc/>
    public IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body) => codec.ReadChoices(ShapeOf(endpoint, body), body);

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) => codec.Decode(ShapeOf(endpoint, body.Span), body);

    /// <inheritdoc/>
    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages) =>
        endpoint == BatchEndpoint.Responses && ShapeOf(endpoint, answer.Span) == BatchEndpoint.Chat
            ? codec.Continue(endpoint, request, ChatAsResponse.Write(answer), messages)
            : codec.Continue(endpoint, request, answer, messages);

    /// <inheritdoc/>
    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) =>
        codec.RaiseOutputLimit(endpoint, request, factor);

    /// <inheritdoc/>
    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => codec.ReadOutputLimit(endpoint, request);

    /// <inheritdoc/>
    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => codec.ReadSchema(endpoint, request);

    /// <inheritdoc/>
    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        codec.EstimateInputTokens(model, endpoint, request);

    private static BatchEndpoint ShapeOf(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        OpenAIBody.IsChatCompletion(body) ? BatchEndpoint.Chat : endpoint;
}
