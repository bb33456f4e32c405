using Offpeak.Storage;

namespace Offpeak.Sweeps;

/// <summary>Whose turn it is to run a sweep: everybody's, or, for one that is shared, that of whoever comes first once its interval has passed.</summary>
internal static class SweepTurn
{
    // A turn that was taken a moment late must not make the next one come too early, and so a whole interval late.
    private const double LeastPart = 0.9;

    private const int LooksInAnInterval = 4;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(15);

    /// <summary>How long a process waits before it looks again. It may die before a long interval is over, or have just missed the moment.</summary>
    public static TimeSpan Pause(this ISweep sweep)
    {
        if (!sweep.IsShared)
            return sweep.Interval;

        var pause = sweep.Interval / LooksInAnInterval;
        return pause < LongestPause ? pause : LongestPause;
    }

    /// <summary>Takes the turn, if it is there; what decides between two who try at once is the store's statement.</summary>
    public static async Task<bool> TryTakeAsync(this ISweep sweep, IOffpeakStore store, CancellationToken ct) =>
        !sweep.IsShared || await store.TryClaimSweepAsync(sweep.Name.Value, sweep.Interval * LeastPart, ct);
}
