using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Local;

/// <summary>Bodies in the words of Microsoft.Extensions.AI, for chat clients that this process calls itself.</summary>
public sealed class LocalCodec : IEntryCodec
{
    /// <summary>Encodes messages and options as they are. What only lives in memory (a raw representation) is refused.</summary>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (options?.RawRepresentationFactory is not null)
        {
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput, "RawRepresentationFactory cannot be stored for a local provider; set the options themselves.");
        }

        return LocalRequest.Of(messages, options).Write();
    }

    /// <inheritdoc/>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body)
    {
        try
        {
            var text = JsonSerializer.Deserialize(body, LocalJson.Response)?.Text;
            return string.IsNullOrEmpty(text) ? null : text;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body)
    {
        try
        {
            List<string> parts = JsonSerializer.Deserialize(body, LocalJson.Response) is { } response
                ? [.. response.Messages.SelectMany(message => message.Contents).OfType<TextContent>().Select(part => part.Text)]
                : [];
            return ReadText(endpoint, body) is { } text ? [new AnswerChoice(text, parts)] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, LocalJson.Response) ?? throw new JsonException();
        }
        catch (JsonException cause)
        {
            throw new OffpeakException(OffpeakErrorCode.Provider, "The stored answer is no chat response.", cause);
        }
    }

    /// <inheritdoc/>
    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        var before = LocalRequest.Read(request);
        return (before with { Messages = [.. before.Messages, .. Decode(endpoint, answer).Messages, .. messages] }).Write();
    }

    /// <inheritdoc/>
    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor)
    {
        var body = JsonEdit.Parse(request);
        return body["options"] is System.Text.Json.Nodes.JsonObject options && JsonEdit.TryMultiply(options, factor, "maxOutputTokens")
            ? JsonEdit.Write(body)
            : null;
    }

    /// <inheritdoc/>
    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => LocalRequest.Read(request).Options?.MaxOutputTokens;

    /// <inheritdoc/>
    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        LocalRequest.Read(request).Options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? schema.GetRawText() : null;

    /// <inheritdoc/>
    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);
}
