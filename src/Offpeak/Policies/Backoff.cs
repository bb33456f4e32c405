namespace Offpeak.Policies;

/// <summary>Growing waits between attempts: doubled each time, with a ceiling, and no shorter than what the provider asked for.</summary>
internal static class Backoff
{
    private static readonly TimeSpan FirstSubmitWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestSubmitWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstHandlerWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestHandlerWait = TimeSpan.FromHours(1);

    /// <summary>The wait before a submit is tried again.</summary>
    public static TimeSpan BeforeSubmit(int attempts, TimeSpan? retryAfter)
    {
        var wait = Doubled(FirstSubmitWait, LongestSubmitWait, attempts);
        return retryAfter > wait ? retryAfter.Value : wait;
    }

    /// <summary>The wait before a failed handler runs again.</summary>
    public static TimeSpan BeforeHandler(int attempts) => Doubled(FirstHandlerWait, LongestHandlerWait, attempts);

    private static TimeSpan Doubled(TimeSpan first, TimeSpan longest, int attempts) =>
        TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Clamp(attempts - 1, 0, 16)));
}
