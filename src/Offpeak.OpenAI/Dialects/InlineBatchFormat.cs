using System.Text;
using System.Text.Json;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Dialects;

/// <summary>
/// A create call that holds the requests themselves. The server reads it as a stream, so everything else must come before them
/// (OpenRouter, Batch API Quickstart).
/// </summary>
internal static class InlineBatchFormat
{
    public static EntryFormat For(Dialect dialect, Submission submission) => new()
    {
        Head = Encoding.UTF8.GetBytes(
            $"{{\"endpoint\":{Json(submission.Endpoint.Path)},\"model\":{Json(submission.Model)},"
            + $"\"completion_window\":{Json(dialect.Options.CompletionWindow)},\"requests\":["),
        Open = [.. "{\"custom_id\":\""u8],
        Middle = [.. "\",\"body\":"u8],
        Close = [.. "}"u8],
        Separator = [.. ","u8],
        Tail = [.. "]}"u8],
        ContentType = "application/json",
    };

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
