namespace Offpeak;

/// <summary>How much of each kind of work one process does at the same time. Each kind has slots of its own, so that none starves another.</summary>
public sealed class ConcurrencyOptions
{
    /// <summary>Submits per provider. Default: 4.</summary>
    public int Submits { get; set; } = 4;

    /// <summary>Status reads per provider. Default: 4.</summary>
    public int Polls { get; set; } = 4;

    /// <summary>Shards per provider whose results are read. Default: 2.</summary>
    public int Ingests { get; set; } = 2;

    /// <summary>Batches whose handler runs. Default: 4.</summary>
    public int Handlers { get; set; } = 4;

    /// <summary>Batches whose next turns are written; see also <see cref="OffpeakOptions.ToolConcurrency"/>. Default: 2.</summary>
    public int ToolBatches { get; set; } = 2;

    /// <summary>Shards per provider that this process answers itself, call by call. Default: 2.</summary>
    public int LocalBatches { get; set; } = 2;
}
