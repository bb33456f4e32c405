using System.Text.Json.Nodes;

namespace Offpeak.Testing.XAI;

/// <summary>xAI's error envelope: two texts.</summary>
internal static class XAIRefusals
{
    public static Reply Reply(int statusCode, string message, string? code = null) =>
        new JsonReply(new JsonObject { ["code"] = code ?? CodeOf(statusCode), ["error"] = message }, statusCode);

    public static Reply NoBatch(string id) => Reply(404, $"Batch {id} was not found.");

    /// <summary>The gRPC status that a request's own HTTP status shows as in the results (gRPC status codes, HTTP mapping).</summary>
    public static int GrpcOf(int statusCode) => statusCode switch
    {
        400 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        409 => 10,
        429 => 8,
        499 => 1,
        503 => 14,
        504 => 4,
        >= 500 => 13,
        _ => 2,
    };

    private static string CodeOf(int statusCode) => statusCode switch
    {
        400 => "Client specified an invalid argument",
        401 => "The request does not have valid authentication credentials for the operation",
        404 => "Some requested entity was not found",
        429 => "Some resource has been exhausted",
        _ => "The service encountered an error",
    };
}
