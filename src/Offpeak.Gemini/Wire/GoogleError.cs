using System.Globalization;
using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Kit.Http;

namespace Offpeak.Gemini.Wire;

/// <summary>What Google's error envelope says beyond code and message (google.rpc.Status and its details).</summary>
internal static class GoogleError
{
    /// <summary>A wrong key is a 400 with a reason, not a 401.</summary>
    public static bool IsWrongKey(WireError error) =>
        error.Reason == "API_KEY_INVALID" || error.Message?.Contains("API key not valid", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A file that does not exist is said to be forbidden: 403, "…or it may not exist".</summary>
    public static bool IsGone(WireReply reply) => reply.Status is 404 or 410
        || (reply.Status == 403 && WireError.Parse(reply.Body).Message?.Contains("may not exist", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>The <c>retryDelay</c> of a google.rpc.RetryInfo, such as <c>34s</c>; null if there is none.</summary>
    public static TimeSpan? RetryDelay(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Child("error")?.Child("details") is { ValueKind: JsonValueKind.Array } details
                ? details.EnumerateArray().Select(detail => ReadDuration(detail.Text("retryDelay"))).FirstOrDefault(delay => delay is not null)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? ReadDuration(string? text) =>
        text?.EndsWith('s') == true && double.TryParse(text[..^1], CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
