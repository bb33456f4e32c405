namespace Offpeak.Cli.Output;

/// <summary>What cannot be known about a batch, or was made twice, and may have cost money.</summary>
internal static class Doubts
{
    public static int Count(BatchDetails details) => details.Shards.Count(IsInDoubt);

    /// <summary>One sentence for the end of a run; null if nothing is in doubt.</summary>
    public static string? Describe(BatchDetails details, Database database) => details.Shards.Where(IsInDoubt).ToList() switch
    {
        [] => null,
        [var only] => $"1 provider batch in doubt: {Name(only)}. {Note(only)}",
        [var first, ..] and var all =>
            $"{all.Count:N0} provider batches in doubt: {Name(first)} and more. {Note(first)} '{database.Suggest($"show {details.Batch.Id}")}' says which.",
    };

    /// <summary>What is in doubt about a shard, in sentences; empty if nothing is.</summary>
    public static string Note(ShardInfo shard)
    {
        var doubles = shard.Doubles.Count == 0 ? null : $"Doubles at the provider, asked to stop: {string.Join(", ", shard.Doubles)}.";
        return string.Join(' ', ((string?[])[shard.Doubt, doubles]).Where(text => text is not null));
    }

    private static bool IsInDoubt(ShardInfo shard) => shard.Doubt is not null || shard.Doubles.Count > 0;

    private static string Name(ShardInfo shard) => shard.ProviderBatchId ?? shard.SubmissionKey.ToString();
}
