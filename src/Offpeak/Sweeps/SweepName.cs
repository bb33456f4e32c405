namespace Offpeak;

/// <summary>The name of a sweep, as in logs, metrics and reports.</summary>
/// <param name="Value">The text.</param>
public readonly record struct SweepName(string Value)
{
    /// <summary>Brings back poll chains, next steps and handlers that were dropped. Every 5 minutes.</summary>
    public static readonly SweepName ResumeStalledPolls = new("resume_stalled_polls");

    /// <summary>Settles submits that were interrupted or whose reply was lost. Every 5 minutes.</summary>
    public static readonly SweepName ReconcileSubmissions = new("reconcile_submissions");

    /// <summary>Submits shards that wait. Every minute.</summary>
    public static readonly SweepName SubmitPendingBatches = new("submit_pending_batches");

    /// <summary>Gives up shards that are older than their provider allows, after a last look. Hourly.</summary>
    public static readonly SweepName ExpireStuckBatches = new("expire_stuck_batches");

    /// <summary>Deletes what finished shards have left at their providers. Hourly.</summary>
    public static readonly SweepName CleanUpProviderFiles = new("clean_up_provider_files");

    /// <summary>Deletes old batches. Daily, and off by default.</summary>
    public static readonly SweepName PurgeOldBatches = new("purge_old_batches");

    /// <summary>All sweeps, in the order in which a host that runs them itself does well to run them.</summary>
    public static IReadOnlyList<SweepName> All { get; } =
        [ReconcileSubmissions, SubmitPendingBatches, ResumeStalledPolls, ExpireStuckBatches, CleanUpProviderFiles, PurgeOldBatches];

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
