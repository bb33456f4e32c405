using System.Globalization;
using System.Text.Json;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Gemini.Wire;

/// <summary>What Google's error envelope says beyond code and message (google.rpc.Status and its details).</summary>
internal static class GoogleError
{
    /// <summary>Google repeats the HTTP status as a number in <c>code</c> and says its own word in <c>status</c>.</summary>
    public static WireError Read(ReadOnlyMemory<byte> body)
    {
        var said = LoadedJson.Read(body, root => root.Child("error") is { } inner ? new Said(inner.Text("status"), ReasonIn(inner)) : null);
        var error = WireError.Parse(body);
        return error with { Code = said?.Word ?? error.Code, Type = error.Type ?? said?.Word, Reason = said?.Reason };
    }

    /// <summary>A class for an HTTP status and error that the common rules would get wrong, or null.</summary>
    public static ProviderErrorClass? Classify(int status, WireError error) => status switch
    {
        400 when IsWrongKey(error) => ProviderErrorClass.Unauthorized,
        >= 400 and <= 499 when error.Message?.Contains("enqueued token", StringComparison.OrdinalIgnoreCase) == true => ProviderErrorClass.Capacity,
        _ => null,
    };

    /// <summary>A wrong key is a 400 with a reason, not a 401.</summary>
    private static bool IsWrongKey(WireError error) =>
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

    private static string? ReasonIn(JsonElement error) => error.Child("details") is { ValueKind: JsonValueKind.Array } details
        ? details.EnumerateArray().Select(detail => detail.Text("reason")).FirstOrDefault(text => text is not null)
        : null;

    private sealed record Said(string? Word, string? Reason);
}
