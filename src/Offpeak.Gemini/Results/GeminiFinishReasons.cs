namespace Offpeak.Gemini.Results;

/// <summary>Google's reasons for an end (Gemini API reference, FinishReason and BlockReason) in the words that all providers share.</summary>
internal static class GeminiFinishReasons
{
    public const string Filtered = "content_filter";

    /// <param name="word">The candidate's finish reason, or null.</param>
    /// <param name="callsTool">Whether the answer calls a function: Google says STOP then.</param>
    /// <param name="isBlocked">Whether the prompt was blocked, so that there is no candidate.</param>
    public static string? Normalize(string? word, bool callsTool, bool isBlocked) => word switch
    {
        null or "" => isBlocked ? Filtered : null,
        "STOP" => callsTool ? "tool_calls" : "stop",
        "MAX_TOKENS" => "length",
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII"
            or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" => Filtered,
        _ => word,
    };
}
