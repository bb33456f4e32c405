using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>Decodes one part of an answer (Gemini API reference, Part). A kind without a counterpart is kept as it came.</summary>
internal static class PartDecoder
{
    public static AIContent Decode(JsonElement part, int index)
    {
        var content = Read(part, index);
        if (part.Text(PartWriter.Signature) is not { } signature)
            return content;
        if (content is TextReasoningContent thought)
            thought.ProtectedData = signature;
        else
            (content.AdditionalProperties ??= [])[PartWriter.Signature] = signature;
        return content;
    }

    private static AIContent Read(JsonElement part, int index)
    {
        if (part.Child("text") is { ValueKind: JsonValueKind.String } text)
            return part.Bool("thought") == true ? new TextReasoningContent(TextOf(text)) : new TextContent(TextOf(text));
        if (part.Child("functionCall") is { } call && call.Text("name") is { } name)
            return new FunctionCallContent(call.Text("id") ?? CallIds.Make(index, name), name, Arguments(call));
        if (part.Child("inlineData") is { } data && ReadData(data) is { } bytes)
            return bytes;
        if (part.Child("fileData") is { } file && Uri.TryCreate(file.Text("fileUri"), UriKind.Absolute, out var uri)
            && file.Text("mimeType") is { } type)
            return new UriContent(uri, type);
        return new AIContent { RawRepresentation = part };
    }

    /// <summary>Half a surrogate pair, which strict readers refuse, must not cost the whole answer.</summary>
    private static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return LenientText.Unescape(System.Text.Encoding.UTF8.GetBytes(text.GetRawText()).AsSpan()[1..^1]);
        }
    }

    private static Dictionary<string, object?> Arguments(JsonElement call)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (call.Child("args") is { ValueKind: JsonValueKind.Object } args)
        {
            foreach (var argument in args.EnumerateObject())
                arguments[argument.Name] = argument.Value;
        }

        return arguments;
    }

    private static DataContent? ReadData(JsonElement data)
    {
        if (data.Text("mimeType") is not { } type || data.Child("data") is not { ValueKind: JsonValueKind.String } base64
            || !base64.TryGetBytesFromBase64(out var bytes))
            return null;
        return new DataContent(bytes, type);
    }
}
