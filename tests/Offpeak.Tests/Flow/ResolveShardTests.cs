using Offpeak.Batches;
using Offpeak.Flow.Submit;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

/// <summary>The operator's word on a shard whose fate nobody can tell.</summary>
public sealed class ResolveShardTests
{
    [Fact]
    public async Task Shard_that_does_not_exist_is_said_so()
    {
        await using var engine = await Engine.StartAsync();

        var said = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ResolveAsync(7, ShardResolution.Discard));

        Assert.Equal((OffpeakErrorCode.InvalidInput, "There is no shard 7."), (said.Code, said.Message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pb-9")]
    public async Task Shard_whose_fate_is_known_needs_no_word(string? adopts)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();

        var said = await Assert.ThrowsAsync<OffpeakException>(async () => await engine.Client.ResolveAsync((await engine.ShardAsync(id)).Id, Word(adopts)));

        Assert.Equal(OffpeakErrorCode.InvalidState, said.Code);
        Assert.EndsWith("needs no decision; it is submitted.", said.Message, StringComparison.Ordinal);
        Assert.Equal("pb-1", (await engine.ShardAsync(id)).ProviderBatchId);
    }

    [Fact]
    public async Task Shard_that_is_discarded_is_submitted_again_from_its_beginning()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAsync(engine);
        var shardId = (await engine.ShardAsync(id)).Id;

        var (batchId, next) = await engine.Get<ResolveShard>().RunAsync(shardId, ShardResolution.Discard, CancellationToken.None);

        var shard = await engine.ShardAsync(id);
        Assert.Equal(id, batchId);
        Assert.Equal([new WorkItem(WorkKind.Submit, shardId)], next);
        Assert.Equal((ShardStatus.Pending, null, null, null), (shard.Status, shard.Trouble, shard.CreateBegunAt, shard.UnconfirmedAt));
        // What it had uploaded is named only so that it is deleted.
        Assert.Equal(["left.1.file"], shard.Journal.Values.Keys);
    }

    [Fact]
    public async Task Shard_that_is_adopted_is_polled_and_not_submitted()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAsync(engine);

        var (_, next) = await engine.Get<ResolveShard>().RunAsync((await engine.ShardAsync(id)).Id, ShardResolution.Adopt("pb-1"), CancellationToken.None);

        Assert.Empty(next);
        Assert.Equal((ShardStatus.Submitted, "pb-1"), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).ProviderBatchId));
        Assert.Equal(WorkKind.Poll, Assert.Single(engine.Queue.Waiting).Item.Kind);
    }

    [Fact]
    public async Task Batch_that_was_turned_away_is_not_adopted()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAsync(engine);
        var shard = await engine.ShardAsync(id);
        shard = (await engine.Store.TryChangeShardAsync(shard, new ShardChange { RejectedIds = new(["pb-0"]) }, null, CancellationToken.None))!;

        var refused = await Assert.ThrowsAsync<OffpeakException>(
            () => engine.Get<ResolveShard>().RunAsync(shard.Id, ShardResolution.Adopt("pb-0"), CancellationToken.None));

        Assert.Contains("pb-0 was turned away", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Shard_that_is_adopted_at_a_persons_word_keeps_the_key_that_made_it()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAsync(engine);
        var before = (await engine.ShardAsync(id)).KeyFingerprint;
        engine.Provider.KeyFingerprint = "another";

        await engine.Get<ResolveShard>().RunAsync((await engine.ShardAsync(id)).Id, ShardResolution.Adopt("pb-1"), CancellationToken.None);

        Assert.NotNull(before);
        Assert.Equal(before, (await engine.ShardAsync(id)).KeyFingerprint);
    }

    [Fact]
    public async Task Shard_that_somebody_looks_for_at_this_moment_is_left_to_them()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAsync(engine);
        await engine.ExecuteAsync($"UPDATE offpeak_shards SET lease_owner = 'other', lease_until = '{engine.Now.AddMinutes(1):yyyy-MM-dd HH:mm:ss}'");

        var said = await Assert.ThrowsAsync<OffpeakException>(async () => await engine.Client.ResolveAsync((await engine.ShardAsync(id)).Id, ShardResolution.Discard));

        Assert.Equal(OffpeakErrorCode.InvalidState, said.Code);
        Assert.Contains("has just been changed, or is being looked for", said.Message, StringComparison.Ordinal);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
    }

    private static ShardResolution Word(string? adopts) => adopts is null ? ShardResolution.Discard : ShardResolution.Adopt(adopts);

    private static async Task<long> LoseAsync(Engine engine)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        engine.Provider.OnFind = _ => FindResult.Unknown;
        var id = await engine.SubmitAsync();
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        return id;
    }
}
