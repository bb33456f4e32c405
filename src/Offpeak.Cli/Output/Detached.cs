using System.Globalization;
using Offpeak.Batches;

namespace Offpeak.Cli.Output;

/// <summary>What becomes of a batch that nobody waits for any more, in one line.</summary>
internal static class Detached
{
    public static string Of(BatchDetails details)
    {
        var shards = details.Shards;
        var sent = shards.Count(shard => shard.ProviderBatchId is not null);
        var isUnclear = shards.Any(shard => shard.Status is ShardStatus.Submitting or ShardStatus.Unconfirmed);
        var what = isUnclear ? "nothing is lost, and what has been sent is looked up then"
            : sent == 0 ? "nothing has been sent yet"
            : sent < shards.Count ? $"nothing is lost; {sent:N0} of {shards.Count:N0} provider batches are sent and go on"
            : "nothing is lost and the provider works on";
        return string.Create(CultureInfo.InvariantCulture, $"Detached from batch {details.Batch.Id}: {what}. Run the same command again to go on.");
    }
}
