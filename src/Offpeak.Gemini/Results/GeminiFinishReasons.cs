using Offpeak.Providers;

namespace Offpeak.Gemini.Results;

/// <summary>Google's reasons for an end (Gemini API reference, FinishReason and BlockReason) in the words that all providers share.</summary>
internal static class GeminiFinishReasons
{
    /// <param name="word">The candidate's finish reason, or null.</param>
    /// <param name="callsTool">Whether the answer calls a function: Google says STOP then.</param>
    /// <param name="isBlocked">Whether the prompt was blocked, so that there is no candidate.</param>
    public static string? Normalize(string? word, bool callsTool, bool isBlocked) => word switch
    {
        null or "" => isBlocked ? FinishReasons.ContentFilter : null,
        "STOP" => callsTool ? FinishReasons.ToolCalls : FinishReasons.Stop,
        "MAX_TOKENS" => FinishReasons.Length,
        _ => IsBlock(word) ? FinishReasons.ContentFilter : word,
    };

    /// <summary>Whether a candidate's finish reason says that what it held was kept back.</summary>
    public static bool IsBlock(string? word) =>
        word is "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR"
        || word?.StartsWith("IMAGE_", StringComparison.Ordinal) == true;
}
