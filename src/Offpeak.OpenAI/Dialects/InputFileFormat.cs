using System.Text.Encodings.Web;
using System.Text.Json;
using Offpeak.Codec;
using Offpeak.Kit.Http;

namespace Offpeak.OpenAI.Dialects;

/// <summary>A line of an input file (OpenAI API reference, Batch, request input object).</summary>
internal static class InputFileFormat
{
    private static readonly EntryFormat Bare = new()
    {
        Open = [.. "{\"custom_id\":\""u8],
        Middle = [.. "\",\"body\":"u8],
        Close = [.. "}\n"u8],
        ContentType = "application/jsonl",
    };

    public static EntryFormat For(Dialect dialect, BatchEndpoint endpoint) => dialect.Profile.BareLines ? Bare : For(dialect.EndpointOf(endpoint));

    public static EntryFormat For(BatchEndpoint endpoint)
    {
        var url = JsonEncodedText.Encode(endpoint.Path, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return new EntryFormat
        {
            Open = [.. "{\"custom_id\":\""u8],
            Middle = [.. "\",\"method\":\"POST\",\"url\":\""u8, .. url.EncodedUtf8Bytes, .. "\",\"body\":"u8],
            Close = [.. "}\n"u8],
            ContentType = "application/jsonl",
        };
    }
}
