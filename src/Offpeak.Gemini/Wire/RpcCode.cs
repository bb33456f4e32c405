namespace Offpeak.Gemini.Wire;

/// <summary>The codes of google.rpc.Code, which stand inside batches in place of HTTP statuses.</summary>
internal static class RpcCode
{
    private static readonly string[] Words =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    /// <summary>The word for a code, or the number; null without one.</summary>
    public static string? Word(long? code) => code is null ? null : code is >= 0 and <= 16 ? Words[code.Value] : code.Value.ToString();

    /// <summary>
    /// Whether the same request may succeed when asked again: cancelled, out of time, out of resources, internal or unavailable. Batches
    /// that succeeded are seen to hold many of the first two.
    /// </summary>
    public static bool IsPassing(long? code, string? word) => code is 1 or 4 or 8 or 13 or 14 or 408 or 429 or 499 or (>= 500 and <= 599)
        || word is "CANCELLED" or "DEADLINE_EXCEEDED" or "RESOURCE_EXHAUSTED" or "INTERNAL" or "UNAVAILABLE";

    public static bool IsCapacity(long? code, string? word, string? message) => code is 8 or 429 || word == "RESOURCE_EXHAUSTED"
        || message?.Contains("RESOURCE_EXHAUSTED", StringComparison.OrdinalIgnoreCase) == true;
}
