using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.Gemini.Codec;

/// <summary>Writes one content as a part (Gemini API reference, Part).</summary>
internal static class PartWriter
{
    /// <summary>Where a part's signature is kept that must go back with it (Gemini API guide, Thought signatures).</summary>
    public const string Signature = "thoughtSignature";

    public static void Write(Utf8JsonWriter json, AIContent content, Dictionary<string, string> namesByCallId)
    {
        if (content.GetType() == typeof(AIContent) && content.RawRepresentation is JsonElement { ValueKind: JsonValueKind.Object } raw)
        {
            raw.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        WriteData(json, content, namesByCallId);
        WriteSignature(json, content);
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, AIContent content, Dictionary<string, string> namesByCallId)
    {
        switch (content)
        {
            case TextReasoningContent thought:
                json.WriteString("text", thought.Text);
                json.WriteBoolean("thought", true);
                break;
            case TextContent text:
                json.WriteString("text", text.Text);
                break;
            case DataContent data:
                WriteInlineData(json, data);
                break;
            case UriContent uri:
                WriteFileData(json, uri.MediaType, uri.Uri.OriginalString);
                break;
            case HostedFileContent file:
                WriteFileData(json, file.MediaType, file.FileId);
                break;
            case FunctionCallContent call:
                namesByCallId[call.CallId] = call.Name;
                WriteCall(json, call);
                break;
            case FunctionResultContent result:
                WriteResult(json, result, namesByCallId);
                break;
            default:
                throw Refusal.Input($"A message holds {content.GetType().Name}, which cannot be sent to Gemini.");
        }
    }

    private static void WriteSignature(Utf8JsonWriter json, AIContent content)
    {
        var signature = content is TextReasoningContent { ProtectedData: { } data } ? data : null;
        if (signature is null && content.AdditionalProperties?.TryGetValue(Signature, out var value) == true)
            signature = value?.ToString();
        if (!string.IsNullOrEmpty(signature))
            json.WriteString(Signature, signature);
    }

    private static void WriteInlineData(Utf8JsonWriter json, DataContent data)
    {
        json.WriteStartObject("inlineData");
        json.WriteString("mimeType", data.MediaType);
        json.WriteString("data", data.Base64Data.Span);
        json.WriteEndObject();
    }

    private static void WriteFileData(Utf8JsonWriter json, string? mediaType, string uri)
    {
        json.WriteStartObject("fileData");
        if (mediaType is not null)
            json.WriteString("mimeType", mediaType);
        json.WriteString("fileUri", uri);
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteStartObject("functionCall");
        WriteId(json, call.CallId);
        json.WriteString("name", call.Name);
        json.WriteStartObject("args");
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            json.WritePropertyName(name);
            WriteValue(json, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A response must be an object; anything else goes under <c>result</c> (Gemini API reference, FunctionResponse).</summary>
    private static void WriteResult(Utf8JsonWriter json, FunctionResultContent result, Dictionary<string, string> namesByCallId)
    {
        if (!namesByCallId.TryGetValue(result.CallId, out var name))
            throw Refusal.Input("A function result belongs to no function call of the messages before it, so Gemini could not tell its function.");
        json.WriteStartObject("functionResponse");
        WriteId(json, result.CallId);
        json.WriteString("name", name);
        json.WritePropertyName("response");
        var failed = result.Result is null && result.Exception is not null;
        var value = result.Result is null or string
            ? null
            : (JsonElement?)JsonSerializer.SerializeToElement(result.Result, AIJsonUtilities.DefaultOptions.GetTypeInfo(result.Result.GetType()));
        if (value is { ValueKind: JsonValueKind.Object } whole)
            whole.WriteTo(json);
        else
        {
            json.WriteStartObject();
            json.WritePropertyName(failed ? "error" : "result");
            WriteValue(json, failed ? result.Exception!.Message : result.Result);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteId(Utf8JsonWriter json, string id)
    {
        if (!string.IsNullOrEmpty(id) && !CallIds.IsOurs(id))
            json.WriteString("id", id);
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        if (value is string text)
            json.WriteStringValue(text);
        else
            JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
    }
}
