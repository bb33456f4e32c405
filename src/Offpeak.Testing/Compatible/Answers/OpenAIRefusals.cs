using System.Text.Json.Nodes;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI's error envelope and the errors that several routes share.</summary>
internal static class OpenAIRefusals
{
    public static Reply Reply(int statusCode, string message, string? param = null, string? code = null) =>
        new JsonReply(Envelope(statusCode, message, param, code), statusCode);

    public static JsonObject Envelope(int statusCode, string message, string? param = null, string? code = null) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = message,
            ["type"] = TypeOf(statusCode),
            ["param"] = param,
            ["code"] = code,
        },
    };

    public static Reply Missing(string param) =>
        Reply(400, $"Missing required parameter: '{param}'.", param, "missing_required_parameter");

    public static Reply Invalid(string param, string message) => Reply(400, message, param, "invalid_value");

    public static Reply NoFile(string id) => Reply(404, $"No such File object: {id}", "id");

    public static Reply NoBatch(string id) => Reply(404, $"No batch found with id '{id}'.");

    private static string TypeOf(int statusCode) => statusCode switch
    {
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
