using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Anthropic.Codec;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic;

/// <summary>
/// Encodes entries as Messages requests by letting Anthropic's own client write the body over a transport that sends nothing, and decodes
/// answers with the same client. Temperature, top-p and top-k, which that client leaves out, and
/// <see cref="ChatOptions.AdditionalProperties"/> are added as fields of the request; what the API has no field for is refused by name.
/// </summary>
public sealed class AnthropicCodec : IEntryCodec
{
    /// <summary>
    /// Encodes one entry: UTF-8 JSON on one line. Without <see cref="ChatOptions.MaxOutputTokens"/> the limit is 4,096 tokens, because the
    /// API demands one (Anthropic API reference, Messages, Create, max_tokens).
    /// </summary>
    /// <exception cref="OffpeakException">A setting or content cannot be sent to Anthropic; the message names it.</exception>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(messages);
        Require(endpoint);
        return MessageEncoder.Encode(model, messages, options);
    }

    /// <summary>Joins the text blocks of a message. Null on other endpoints.</summary>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        IsMessages(endpoint) && MessageText.Read(body) is { Count: > 0 } blocks ? string.Concat(blocks) : null;

    /// <summary>The one answer of a message, with its text blocks. None on other endpoints.</summary>
    public IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        IsMessages(endpoint) && MessageText.Read(body) is { Count: > 0 } blocks ? [new AnswerChoice(string.Concat(blocks), blocks)] : [];

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body)
    {
        Require(endpoint);
        return MessageDecoder.Decode(body);
    }

    /// <inheritdoc/>
    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Require(endpoint);
        return MessageContinuation.Continue(request, answer, messages);
    }

    /// <inheritdoc/>
    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) =>
        JsonEdit.Multiply(request, factor, "max_tokens");

    /// <inheritdoc/>
    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => JsonTolerance.FirstInt(request, "max_tokens");

    /// <summary>Reads <c>output_config.format.schema</c> (Anthropic docs, Structured outputs).</summary>
    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request)
    {
        using var body = JsonDocument.Parse(request);
        var schema = (body.RootElement.Child("output_config")?.Child("format") ?? body.RootElement.Child("output_format"))?.Child("schema");
        return schema is { ValueKind: JsonValueKind.Object } found ? found.GetRawText() : null;
    }

    /// <inheritdoc/>
    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);

    // Anthropic has one endpoint for chats, so both neutral ones mean it.
    private static bool IsMessages(BatchEndpoint endpoint) => endpoint == BatchEndpoint.Responses || endpoint == BatchEndpoint.Chat;

    private static void Require(BatchEndpoint endpoint)
    {
        if (!IsMessages(endpoint))
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"Anthropic has no endpoint '{endpoint}'; use {BatchEndpoint.Responses} or {BatchEndpoint.Chat}, which both mean Messages here.");
    }
}
