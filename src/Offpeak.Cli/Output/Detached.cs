using System.Globalization;

namespace Offpeak.Cli.Output;

/// <summary>What becomes of a batch that nobody waits for any more, in one line.</summary>
internal static class Detached
{
    private const string Again = "Run the same command again to";

    public static string Of(BatchDetails details)
    {
        var shards = details.Shards;
        var sent = shards.Count(shard => shard.ProviderBatchId is not null);
        var what = sent == 0 ? $"nothing has been sent yet. {Again} send it."
            : sent < shards.Count ? $"nothing is lost; {sent:N0} of {shards.Count:N0} provider batches are sent and go on. {Again} send the rest."
            : $"nothing is lost and the provider works on. {Again} go on.";
        return string.Create(CultureInfo.InvariantCulture, $"Detached from batch {details.Batch.Id}: {what}");
    }
}
