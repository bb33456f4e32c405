using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Offpeak.Diagnostics;

/// <summary>Names for OpenTelemetry: <c>AddSource(OffpeakTelemetry.Name)</c> and <c>AddMeter(OffpeakTelemetry.Name)</c>.</summary>
public static class OffpeakTelemetry
{
    /// <summary>Name of the activity source and the meter.</summary>
    public const string Name = "Offpeak";

    internal static readonly ActivitySource Source = new(Name);
    internal static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> EntriesApplied =
        Meter.CreateCounter<long>("offpeak.entries.applied", "{entry}", "Results applied to entries.");

    internal static readonly Counter<long> Polls = Meter.CreateCounter<long>("offpeak.polls", "{poll}", "Status reads at providers.");

    internal static readonly Counter<long> Submits = Meter.CreateCounter<long>("offpeak.submits", "{shard}", "Provider batches handed over.");

    internal static readonly Counter<long> SweepActions =
        Meter.CreateCounter<long>("offpeak.sweep.actions", "{batch}", "Batches that a sweep acted on.");

    internal static Activity? StartStep(string step, long? batchId, long? shardId = null)
    {
        var activity = Source.StartActivity(step);
        activity?.SetTag("offpeak.batch_id", batchId);
        activity?.SetTag("offpeak.shard.id", shardId);
        return activity;
    }
}
