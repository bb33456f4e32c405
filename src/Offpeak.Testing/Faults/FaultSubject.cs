namespace Offpeak.Testing;

/// <summary>The batch that a call is about.</summary>
internal sealed record FaultSubject(int Batch, string Status);
