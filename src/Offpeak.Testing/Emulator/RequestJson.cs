using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing;

internal static class RequestJson
{
    /// <summary>The body, or null when it is not JSON.</summary>
    public static async Task<JsonDocument?> ReadAsync(HttpRequest request)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
