using System.Text.Json;
using Offpeak.Batches;
using Offpeak.Cli.Output;

namespace Offpeak.Cli.Tests.Output;

public sealed class DoubtTests
{
    private static readonly Database Database = new("my.db", IsNamed: true);

    [Fact]
    public void Nothing_in_doubt_is_not_mentioned()
    {
        var details = Details(Shard("batch_a"));

        Assert.Null(Doubts.Describe(details, Database));
        Assert.Equal("Batch 7 completed: 2 of 2 entries succeeded; cost $0.0200.", RunSummary.Of(details, 0, [], Database));
    }

    [Fact]
    public void A_doubt_and_its_doubles_are_said_and_the_cost_is_a_lower_bound()
    {
        var details = Details(Shard("batch_a"), Shard("batch_b", "A reply was never seen; check its console.", "batch_c", "batch_d"));

        Assert.Equal(
            "1 provider batch in doubt: batch_b. A reply was never seen; check its console. Doubles at the provider, asked to stop: batch_c, batch_d.",
            Doubts.Describe(details, Database));
        Assert.Equal("Batch 7 completed: 2 of 2 entries succeeded; cost at least $0.0200.", RunSummary.Of(details, 0, [], Database));
    }

    [Fact]
    public void Of_several_doubts_the_first_is_said_and_where_to_look_for_the_rest() => Assert.Equal(
        "2 provider batches in doubt: batch_a and more. Unclear. 'offpeak show 7 --db my.db' says which.",
        Doubts.Describe(Details(Shard("batch_a", "Unclear."), Shard("batch_b", doubt: null, "batch_c")), Database));

    [Fact]
    public void The_json_counts_doubts_and_names_them()
    {
        var json = JsonDocument.Parse(BatchJson.Summary(Details(Shard("batch_a"), Shard("batch_b", "Unclear.", "batch_c")), 0)).RootElement;

        Assert.Equal(1, json.GetProperty("doubts").GetInt32());
        Assert.Equal(
            """{"shard_id":1,"provider_batch_id":"batch_b","status":"ended","doubt":"Unclear.","doubles":["batch_c"]}""",
            json.GetProperty("provider_batches")[1].GetRawText());
    }

    [Fact]
    public void Answers_that_were_cut_off_are_said_and_counted()
    {
        Assert.Equal(
            "Batch 7 completed: 2 of 2 entries succeeded (1 cut off at the limit on output tokens); cost $0.0200.",
            RunSummary.Of(Details(Shard("batch_a")), 1, [], Database));
        Assert.Equal(1, JsonDocument.Parse(BatchJson.Summary(Details(Shard("batch_a")), 1)).RootElement.GetProperty("cut_off").GetInt32());
    }

    private static ShardInfo Shard(string id, string? doubt = null, params string[] doubles) =>
        new() { ShardId = 1, Model = "openai/m", Status = ShardStatus.Ended, ProviderBatchId = id, Doubt = doubt, Doubles = doubles };

    private static BatchDetails Details(params ShardInfo[] shards) => new(
        new BatchInfo
        {
            Id = 7,
            Name = "n",
            Provider = "openai",
            Model = "openai/m",
            Status = BatchStatus.Completed,
            EntryCount = 2,
            SucceededCount = 2,
            InputTokens = 1,
            Cost = 0.02m,
        },
        shards,
        new EntryCounts(0, 0, 2, 0, 0, 0));
}
