using System.Text.Json.Nodes;

namespace Offpeak.Testing.Gemini;

/// <summary>Google's error envelope (google.rpc.Status over HTTP) and the errors that several routes share.</summary>
internal static class GeminiRefusals
{
    public static Reply Reply(int statusCode, string message, string? reason = null) =>
        new JsonReply(Envelope(statusCode, message, reason), statusCode);

    public static JsonObject Envelope(int statusCode, string message, string? reason = null)
    {
        var error = new JsonObject { ["code"] = statusCode, ["message"] = message, ["status"] = RpcCodes.WordOfHttp(statusCode) };
        if (reason is not null)
        {
            error["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = reason,
                ["domain"] = "googleapis.com",
            });
        }

        return new JsonObject { ["error"] = error };
    }

    public static Reply NoBatch() => Reply(404, "Requested entity was not found.");

    /// <summary>A file that does not exist is said to be forbidden (googleapis/python-genai issue 1218).</summary>
    public static Reply NoFile(string id) => Reply(403, $"You do not have permission to access the File {id} or it may not exist.");

    public static Reply Unreadable() => Reply(400, "Invalid JSON payload received. Expected an object.");
}
