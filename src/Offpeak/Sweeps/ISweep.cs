namespace Offpeak.Sweeps;

/// <summary>
/// A recurring repair. Runs in-process by default; a host may call <see cref="RunOnceAsync"/> from its own scheduler instead. Runs of several
/// processes at once are harmless.
/// </summary>
public interface ISweep
{
    /// <summary>Name in logs, metrics and error reports.</summary>
    string Name { get; }

    /// <summary>Time between runs.</summary>
    TimeSpan Interval { get; }

    /// <summary>Runs once. A row that fails is reported and left for the next run; it never stops the sweep.</summary>
    Task<SweepResult> RunOnceAsync(CancellationToken cancellationToken = default);
}
