namespace Offpeak.Testing;

/// <summary>One call the emulator has received. Bodies and keys are not kept.</summary>
/// <param name="Operation">What the call asked for.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="At">When it arrived, by the emulator's clock.</param>
/// <param name="StatusCode">The status sent back; null when the connection was cut instead.</param>
public sealed record LoggedRequest(EmulatorOperation Operation, string Method, string Path, DateTimeOffset At, int? StatusCode);
