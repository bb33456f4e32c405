namespace Offpeak.Simulation.World;

/// <summary>The process has ended: nothing it calls works any more.</summary>
internal sealed class SimulatedCrashException(string process) : Exception($"Process {process} has ended.");
