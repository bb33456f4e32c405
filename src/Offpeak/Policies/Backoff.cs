namespace Offpeak.Policies;

/// <summary>Growing waits between runs of a failing handler: doubled each time, with a ceiling.</summary>
internal static class Backoff
{
    private static readonly TimeSpan FirstHandlerWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestHandlerWait = TimeSpan.FromHours(1);

    /// <summary>The wait before a failed handler runs again.</summary>
    public static TimeSpan BeforeHandler(int attempts) => Doubled(FirstHandlerWait, LongestHandlerWait, attempts);

    private static TimeSpan Doubled(TimeSpan first, TimeSpan longest, int attempts) =>
        TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Clamp(attempts - 1, 0, 16)));
}
