using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;

namespace Offpeak.Kit.Http;

/// <summary>An answer whose body was read to its end.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfter">The wait that the headers ask for, or null.</param>
[Experimental("OFFPEAK001")]
public sealed record WireReply(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>The answer's headers, or null where nobody asks for them.</summary>
    public HttpResponseHeaders? Headers { get; init; }

    /// <summary>Whether the status is one of the 200s.</summary>
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
