using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Codec;

namespace Offpeak.OpenAI;

/// <summary>
/// Encodes entries by letting OpenAI's own client write the body over a transport that sends nothing, and decodes answers with the same
/// library. Chat completions and Responses; also for servers that speak OpenAI's dialect.
/// </summary>
public sealed class OpenAICodec : IEntryCodec, IEmbeddingCodec
{
    private readonly IReadOnlyDictionary<string, string> bodyNames;

    /// <summary>Makes a codec for OpenAI's own bodies.</summary>
    public OpenAICodec()
        : this(new Dictionary<string, string>())
    {
    }

    /// <param name="bodyNames">Fields that have another name at the server; an empty name leaves the field out.</param>
    internal OpenAICodec(IReadOnlyDictionary<string, string> bodyNames) => this.bodyNames = bodyNames;

    /// <inheritdoc/>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(messages);
        return BodyNames.Apply(OpenAIBodyEncoder.Encode(ChatKindOf(endpoint), model, messages, options), bodyNames);
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

        return BodyNames.Apply(bytes.ToArray(), bodyNames);
    }

    /// <summary>
    /// Reads <c>choices[0].message.content</c> of a chat completion or the joined <c>output_text</c> parts of a response; a refusal
    /// counts as text when there is no other. Null on other endpoints.
    /// </summary>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        EndpointKinds.KindOf(endpoint) is var kind && kind != EndpointKind.Other && OpenAIAnswerText.Read(kind, body, most: 1) is [var first, ..] ? first.Text : null;

    /// <summary>
    /// Reads every choice of a chat completion, or the one answer of a response with its <c>output_text</c> parts; a refusal counts as text
    /// when there is no other. None on other endpoints.
    /// </summary>
    public IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        EndpointKinds.KindOf(endpoint) is var kind && kind != EndpointKind.Other ? OpenAIAnswerText.Read(kind, body, most: int.MaxValue) : [];

    /// <inheritdoc/>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) => OpenAIBodyDecoder.Decode(ChatKindOf(endpoint), body);

    /// <inheritdoc/>
    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return OpenAIContinuation.Continue(ChatKindOf(endpoint), request, answer, messages);
    }

    /// <inheritdoc/>
    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) =>
        JsonEdit.Multiply(request, factor, "max_completion_tokens", "max_output_tokens", "max_tokens");

    /// <inheritdoc/>
    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        JsonTolerance.FirstInt(request, "max_completion_tokens", "max_output_tokens", "max_tokens");

    /// <summary>
    /// Reads <c>response_format.json_schema.schema</c> of a chat completion or <c>text.format.schema</c> of a Responses request.
    /// </summary>
    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request)
    {
        using var body = JsonDocument.Parse(request);
        var schema = body.RootElement.Child("response_format")?.Child("json_schema")?.Child("schema")
            ?? body.RootElement.Child("text")?.Child("format")?.Child("schema");
        return schema is { ValueKind: JsonValueKind.Object } found ? found.GetRawText() : null;
    }

    /// <summary>Reads <c>data[].embedding</c>, as lists of numbers or as base64 of 32-bit numbers (OpenAI API reference, Embeddings).</summary>
    public IReadOnlyList<Embedding<float>> DecodeEmbeddings(ReadOnlyMemory<byte> body) => OpenAIVectors.Read(body);

    /// <summary>Counts with tiktoken's encodings for OpenAI's own models; for others four bytes are taken for a token.</summary>
    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request)
    {
        ArgumentNullException.ThrowIfNull(model);
        return TokenCounter.Count(model, request);
    }

    private static EndpointKind ChatKindOf(BatchEndpoint endpoint) =>
        EndpointKinds.KindOf(endpoint) is var kind && kind != EndpointKind.Other
            ? kind
            : throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"The endpoint '{endpoint}' has no chat messages; use {BatchEndpoint.Responses} or {BatchEndpoint.Chat}.");
}
