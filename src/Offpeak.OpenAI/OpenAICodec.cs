using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.OpenAI.Codec;
using Offpeak.Providers;

namespace Offpeak.OpenAI;

/// <summary>
/// Encodes entries by letting OpenAI's own client write the body over a transport that sends nothing, and decodes answers with the same
/// library. Chat completions and Responses; also for servers that speak OpenAI's dialect.
/// </summary>
public sealed class OpenAICodec : IEntryCodec
{
    /// <inheritdoc/>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(messages);
        return BodyEncoder.Encode(ChatKindOf(endpoint), model, messages, options);
    }

    /// <summary>Encodes an embeddings entry (OpenAI API reference, Embeddings, Create). Vectors come back as lists of numbers.</summary>
    public byte[] EncodeEmbedding(string model, string input)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(input);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteString("input", input);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>
    /// Reads <c>choices[0].message.content</c> of a chat completion or the joined <c>output_text</c> parts of a response; a refusal
    /// counts as text when there is no other. Null on other endpoints.
    /// </summary>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        EndpointKinds.KindOf(endpoint) is var kind && kind != EndpointKind.Other ? AnswerText.Read(kind, body) : null;

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) => BodyDecoder.Decode(ChatKindOf(endpoint), body);

    private static EndpointKind ChatKindOf(BatchEndpoint endpoint) =>
        EndpointKinds.KindOf(endpoint) is var kind && kind != EndpointKind.Other
            ? kind
            : throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"The endpoint '{endpoint}' has no chat messages; use {BatchEndpoint.Responses} or {BatchEndpoint.Chat}.");
}
