namespace Offpeak.Testing;

/// <summary>What the client asked for, and the faults that this batch is to suffer.</summary>
internal record BatchOrder(string Provider, int Number, EmulatedFile? Input, string InputFileId, string Endpoint)
{
    /// <summary>What the ids of the provider's batches begin with.</summary>
    public string IdPrefix { get; init; } = "batch_";

    /// <summary>Number of requests, where the create call itself tells it.</summary>
    public int? Requests { get; init; }

    /// <summary>The provider's word for a status.</summary>
    public Func<BatchPhase, string> StatusName { get; init; } = BatchPhaseNames.Name;

    public string CompletionWindow { get; init; } = "24h";

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The purpose its input file must have.</summary>
    public string FilePurpose { get; init; } = "batch";

    /// <summary>Lines have no method and URL, because the batch says them.</summary>
    public bool HasBareLines { get; init; }

    /// <summary>The model of requests that name none.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Ends with an error file of no bytes when nothing failed.</summary>
    public bool HasEmptyErrorFile { get; init; }

    public TimeSpan? OutputExpiresAfter { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    public virtual long EnqueuedTokens => (Input?.Bytes ?? 0) / 4;

    public Fault? FaultOf(FaultAction action) => Faults.FirstOrDefault(fault => fault.Action == action);
}
