using System.Text.Json.Nodes;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic's error envelope and the errors that several routes share (Anthropic API reference: Errors).</summary>
internal static class AnthropicRefusals
{
    public static Reply Reply(int statusCode, string message, string? type = null) =>
        new JsonReply(Envelope(statusCode, message, type, $"req_{Guid.NewGuid():N}"), statusCode);

    public static JsonObject Envelope(int statusCode, string message, string? type, string? requestId = null) => new()
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = type ?? TypeOf(statusCode), ["message"] = message },
        ["request_id"] = requestId,
    };

    public static Reply NoBatch(string id) => Reply(404, $"Message batch {id} not found.");

    public static Reply TooLarge() => Reply(413, "Request exceeds the maximum size");

    private static string TypeOf(int statusCode) => statusCode switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        0 or >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
