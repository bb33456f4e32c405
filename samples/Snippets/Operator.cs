#region operator
using Offpeak;
using Offpeak.Batches;
#endregion

namespace Snippets;

internal static class Operator
{
    public static async Task RunAsync(BatchClient client, long batchId, string idInTheConsole)
    {
        #region operator
        var (batch, shards, counts) = await client.GetAsync(batchId);
        foreach (var shard in shards)
            Console.WriteLine($"{shard.ShardId} {shard.Status} {shard.ProviderBatchId} {shard.Trouble} {shard.Doubt}");

        // After a look into the provider's console for the submission key of an unconfirmed shard:
        foreach (var shard in shards.Where(shard => shard.Status == ShardStatus.Unconfirmed))
            await client.ResolveAsync(shard.ShardId, ShardResolution.Adopt(idInTheConsole));     // or ShardResolution.Discard

        // Ask again for what a finished batch has not answered, or run a parked handler again:
        if (batch.IsTerminal && (counts.Expired > 0 || batch.Handler is { ParkedAt: not null }))
            await client.RetryAsync(batchId);
        #endregion
    }
}
