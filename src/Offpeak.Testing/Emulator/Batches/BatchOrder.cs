namespace Offpeak.Testing;

/// <summary>What the client asked for, and the faults that this batch is to suffer.</summary>
internal record BatchOrder(string Provider, int Number, EmulatedFile? Input, string InputFileId, string Endpoint)
{
    public string CompletionWindow { get; init; } = "24h";

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public TimeSpan? OutputExpiresAfter { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    public virtual long EnqueuedTokens => (Input?.Bytes ?? 0) / 4;

    public Fault? FaultOf(FaultAction action) => Faults.FirstOrDefault(fault => fault.Action == action);
}
