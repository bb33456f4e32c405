namespace Offpeak.Simulation.World;

/// <summary>A promise was broken. The message names it.</summary>
internal sealed class GuaranteeViolatedException(string message, Exception? inner = null) : Exception(message, inner);
