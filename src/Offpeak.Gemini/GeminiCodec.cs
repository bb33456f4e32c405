using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Gemini.Codec;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini;

/// <summary>
/// Encodes entries as <c>GenerateContentRequest</c> and <c>EmbedContentRequest</c>, and decodes their answers (Gemini API reference). Both
/// neutral endpoints for chat mean <c>generateContent</c>. Written by hand, as Google's own client can make no body without a call.
/// </summary>
public sealed class GeminiCodec : IEntryCodec, IEmbeddingCodec
{
    private readonly GeminiSchemaField schemaField;

    /// <summary>Makes a codec that sends schemas as <c>responseJsonSchema</c>.</summary>
    public GeminiCodec()
        : this(GeminiSchemaField.ResponseJsonSchema)
    {
    }

    /// <param name="schemaField">The field that schemas are sent in.</param>
    internal GeminiCodec(GeminiSchemaField schemaField) => this.schemaField = schemaField;

    /// <inheritdoc/>
    public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(messages);
        CheckChat(endpoint);
        return RequestEncoder.Encode(model, messages, options, schemaField);
    }

    /// <summary>Encodes <c>content.parts[0].text</c>, with the model, which the embeddings call asks for (Gemini API reference, EmbedContentRequest).</summary>
    public byte[] EncodeEmbedding(string model, string input)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(input);
        return JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("model", model.Contains('/') ? model : "models/" + model);
            json.WriteStartObject("content");
            json.WriteStartArray("parts");
            json.WriteStartObject();
            json.WriteString("text", input);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>Reads the joined text parts of the first candidate, without its thoughts. Null if there are none.</summary>
    public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        !IsEmbeddings(endpoint) && GeminiAnswerText.Read(body, most: 1) is [var first, ..] ? first.Text : null;

    /// <summary>Reads every candidate, with its text parts that are no thoughts. None of embeddings.</summary>
    public IReadOnlyList<AnswerChoice> ReadChoices(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
        IsEmbeddings(endpoint) ? [] : GeminiAnswerText.Read(body, most: int.MaxValue);

    /// <summary>
    /// Decodes the first candidate. A blocked prompt gives a response without text, with an <see cref="ErrorContent"/> and the finish
    /// reason <see cref="ChatFinishReason.ContentFilter"/>. Parts that have no counterpart stay whole in their raw representation and can
    /// be sent back.
    /// </summary>
    public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body)
    {
        CheckChat(endpoint);
        return AnswerDecoder.Decode(body);
    }

    /// <inheritdoc/>
    public byte[] Continue(
        BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        CheckChat(endpoint);
        return Continuation.Continue(request, answer, messages);
    }

    /// <inheritdoc/>
    public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor)
    {
        var body = JsonEdit.Parse(request);
        foreach (var name in (string[])["generationConfig", "generation_config"])
        {
            if (body[name] is System.Text.Json.Nodes.JsonObject config
                && JsonEdit.TryMultiply(config, factor, "maxOutputTokens", "max_output_tokens"))
                return JsonEdit.Write(body);
        }

        return null;
    }

    /// <inheritdoc/>
    public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request)
    {
        using var body = System.Text.Json.JsonDocument.Parse(request);
        var config = body.RootElement.Child("generationConfig") ?? body.RootElement.Child("generation_config");
        return config?.WholeNumber("maxOutputTokens") ?? config?.WholeNumber("max_output_tokens");
    }

    /// <summary>
    /// Reads <c>generationConfig.responseJsonSchema</c>, or <c>responseSchema</c> as the JSON schema that it means: its types and null are spelled
    /// in another way.
    /// </summary>
    public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request)
    {
        using var body = JsonDocument.Parse(request);
        var config = body.RootElement.Child("generationConfig") ?? body.RootElement.Child("generation_config");
        var schema = config?.Child("responseJsonSchema") ?? config?.Child("response_json_schema");
        if (schema is { ValueKind: JsonValueKind.Object } found)
            return found.GetRawText();
        return (config?.Child("responseSchema") ?? config?.Child("response_schema")) is { ValueKind: JsonValueKind.Object } older ? GoogleSchema.Read(older) : null;
    }

    /// <summary>Reads <c>embedding.values</c> (Gemini API reference, EmbedContentResponse).</summary>
    public IReadOnlyList<Embedding<float>> DecodeEmbeddings(ReadOnlyMemory<byte> body) => GeminiVectors.Read(body);

    /// <inheritdoc/>
    public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
        TokenEstimate.FromBytes(request.Length);

    private static bool IsEmbeddings(BatchEndpoint endpoint) => endpoint.Path?.EndsWith("/embeddings", StringComparison.Ordinal) == true;

    private static void CheckChat(BatchEndpoint endpoint)
    {
        if (IsEmbeddings(endpoint))
            throw new OffpeakException(
                OffpeakErrorCode.InvalidInput,
                $"The endpoint '{endpoint}' has no chat messages; use {BatchEndpoint.Responses} or {BatchEndpoint.Chat}.");
    }
}
