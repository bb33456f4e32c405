namespace Offpeak;

/// <summary>What a tick did.</summary>
/// <param name="Sweeps">What the sweeps found and did, added up.</param>
/// <param name="Work">Pieces of work that were found and done.</param>
public readonly record struct TickResult(SweepResult Sweeps, int Work);
