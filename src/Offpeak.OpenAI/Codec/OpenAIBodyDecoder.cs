using System.ClientModel.Primitives;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Results;
using OpenAI.Chat;
using OpenAI.Responses;

namespace Offpeak.OpenAI.Codec;

/// <summary>Decodes stored answers with the official library, after looking for what it would get wrong without a word.</summary>
internal static class OpenAIBodyDecoder
{
    public static ChatResponse Decode(EndpointKind kind, ReadOnlyMemory<byte> body)
    {
        Check(kind, body.Span);
        try
        {
            return kind == EndpointKind.Chat ? DecodeChat(body) : DecodeResponses(body);
        }
        catch (Exception cause) when (cause is not (OutOfMemoryException or OffpeakException))
        {
            throw Undecodable("The answer has a form that the OpenAI library does not know", cause);
        }
    }

    private static ChatResponse DecodeChat(ReadOnlyMemory<byte> body) =>
        ModelReaderWriter.Read<ChatCompletion>(BinaryData.FromBytes(body), ModelReaderWriterOptions.Json, global::OpenAI.OpenAIContext.Default)!
            .AsChatResponse();

    private static ChatResponse DecodeResponses(ReadOnlyMemory<byte> body) =>
        ModelReaderWriter.Read<ResponseResult>(BinaryData.FromBytes(body), ModelReaderWriterOptions.Json, global::OpenAI.OpenAIContext.Default)!
            .AsChatResponse();

    /// <summary>A failed response decodes as an empty success, and a body without choices as nonsense; both are refused here.</summary>
    private static void Check(EndpointKind kind, ReadOnlySpan<byte> body)
    {
        var fields = ReadFields(body);
        if (fields.Error.Exists)
            throw Undecodable($"The answer is an error ({fields.Error.CodeOrType ?? "no code"})");
        if (kind == EndpointKind.Chat && !fields.HasChoices)
            throw Undecodable("The answer holds no choices");
        if (kind == EndpointKind.Responses && fields.Status is "failed" or "cancelled" or "canceled")
            throw Undecodable($"The answer's status is {fields.Status}");
    }

    private static BodyFields ReadFields(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, JsonScan.Options);
            reader.Read();
            var fields = BodyFields.Read(ref reader);
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
