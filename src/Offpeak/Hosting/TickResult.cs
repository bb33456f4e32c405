namespace Offpeak;

/// <summary>What a tick did, and what is wrong after it.</summary>
/// <param name="Sweeps">What the sweeps found and did, added up.</param>
/// <param name="Work">Pieces of work that were found and done.</param>
/// <param name="Failed">Rows of sweeps and pieces of work that ended with an error, which is reported; they are tried again.</param>
/// <param name="PausedShards">Shards that wait for a person: for a key that is missing or refused, or a provider that is not registered.</param>
/// <param name="FailedHandlers">
/// Finished batches whose handler has thrown and has not succeeded since, is parked, or is not registered here. <see cref="BatchInfo.Handler"/> says
/// which and why.
/// </param>
public readonly record struct TickResult(SweepResult Sweeps, int Work, int Failed, int PausedShards, int FailedHandlers)
{
    /// <summary>Whether somebody should look: something has failed in this tick, or waits for a person.</summary>
    public bool HasTrouble => Failed + PausedShards + FailedHandlers > 0;
}
