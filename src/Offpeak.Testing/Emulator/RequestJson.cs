using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing;

internal static class RequestJson
{
    /// <summary>The body; undefined when it is not JSON.</summary>
    public static async Task<JsonElement> ReadAsync(HttpRequest request)
    {
        try
        {
            return JsonElement.Parse((await ReadBytesAsync(request)).Span);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>The body as it came.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request)
    {
        var bytes = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
