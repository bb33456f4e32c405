using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Wire;

/// <summary>The two ways to hand over requests (Gemini API reference, models.batchGenerateContent, InputConfig).</summary>
internal static class BatchFormats
{
    /// <summary>A line of an input file.</summary>
    public static EntryFormat File { get; } = new()
    {
        Open = [.. "{\"key\":\""u8],
        Middle = [.. "\",\"request\":"u8],
        Close = [.. "}\n"u8],
        ContentType = "application/jsonl",
    };

    /// <summary>A create call that carries its requests. The metadata of each comes back with its result.</summary>
    public static EntryFormat Inline(SubmissionKey key) => new()
    {
        Head = [.. "{\"batch\":{\"displayName\":\""u8, .. Escaped(key.Value), .. "\",\"inputConfig\":{\"requests\":{\"requests\":["u8],
        Open = [.. "{\"metadata\":{\"key\":\""u8],
        Middle = [.. "\"},\"request\":"u8],
        Close = [.. "}"u8],
        Separator = [.. ","u8],
        Tail = [.. "]}}}}"u8],
        ContentType = "application/json",
    };

    /// <summary>A create call that names an input file.</summary>
    public static HttpContent OfFile(SubmissionKey key, string fileName) => Json(json =>
    {
        json.WriteStartObject("batch");
        json.WriteString("displayName", key.Value);
        json.WriteStartObject("inputConfig");
        json.WriteString("fileName", fileName);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The start of a resumable upload (Gemini API reference, media.upload).</summary>
    public static HttpContent UploadStart(string displayName) => Json(json =>
    {
        json.WriteStartObject("file");
        json.WriteString("displayName", displayName);
        json.WriteEndObject();
    });

    public static HttpContent Empty() => Json(_ => { });

    private static ByteArrayContent Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new ByteArrayContent(bytes.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private static ReadOnlySpan<byte> Escaped(string text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
}
