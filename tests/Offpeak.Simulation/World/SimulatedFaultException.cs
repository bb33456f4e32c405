namespace Offpeak.Simulation.World;

/// <summary>A fault made by the simulation outside the store and the provider: in the queue or in a handler.</summary>
internal sealed class SimulatedFaultException(string message) : Exception(message);
