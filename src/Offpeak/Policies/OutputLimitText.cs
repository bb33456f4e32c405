using System.Globalization;

namespace Offpeak.Policies;

/// <summary>Says at which limit on output tokens an answer ended too early.</summary>
internal static class OutputLimitText
{
    /// <param name="isEmpty">Whether it ended before its first word: thoughts count too.</param>
    /// <param name="limit">The limit that the request set; null: the model's own.</param>
    /// <param name="wasRaised">Whether it is the second limit that was tried.</param>
    public static string Of(bool isEmpty, int? limit, bool wasRaised)
    {
        var what = isEmpty ? "The answer is empty: it ended" : "The answer was cut off";
        var tokens = limit?.ToString("N0", CultureInfo.InvariantCulture);
        return (tokens, wasRaised) switch
        {
            (null, _) => $"{what} at the model's own limit on output tokens.",
            (_, true) => $"{what} at the limit on output tokens, also at a higher one ({tokens}).",
            _ => $"{what} at the limit of {tokens} output tokens.",
        };
    }
}
