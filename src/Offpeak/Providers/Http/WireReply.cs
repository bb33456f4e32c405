using System.Net.Http.Headers;

namespace Offpeak.Providers.Http;

/// <summary>An answer whose body was read to its end.</summary>
internal sealed record WireReply(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>The answer's headers, or null where nobody asks for them.</summary>
    public HttpResponseHeaders? Headers { get; init; }

    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>The wait asked for, in milliseconds, seconds or as a date; it may stand on a 200 too.</summary>
    public static TimeSpan? ReadRetryAfter(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.FirstOrDefault(), System.Globalization.CultureInfo.InvariantCulture, out var milliseconds))
            return Clamp(milliseconds / 1000);
        return headers.RetryAfter switch
        {
            { Delta: { } delta } => Clamp(delta.TotalSeconds),
            { Date: { } date } => Clamp((date - now).TotalSeconds),
            _ => null,
        };
    }

    private static TimeSpan? Clamp(double seconds) =>
        double.IsNaN(seconds) ? null : TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.FromDays(1).TotalSeconds));
}
