using Offpeak.Work;

namespace Offpeak.Sweeps;

/// <summary>
/// A recurring repair: pages by id, guards each row, returns counts. A row that fails is reported and left for the next run; it never stops the
/// sweep. Runs of several processes at once are harmless.
/// </summary>
internal interface ISweep
{
    /// <summary>Its name.</summary>
    SweepName Name { get; }

    /// <summary>Time between runs.</summary>
    TimeSpan Interval { get; }

    /// <summary>Whether one run an interval is enough for all processes together, and is remembered over restarts.</summary>
    bool IsShared { get; }

    /// <summary>Runs once.</summary>
    /// <param name="queue">Where the work goes that it finds.</param>
    /// <param name="withoutGrace">Whether what is due is taken for lost at once: this process has just started and holds no chains.</param>
    /// <param name="ct">Cancels.</param>
    Task<SweepResult> RunOnceAsync(IWorkQueue queue, bool withoutGrace, CancellationToken ct);
}
