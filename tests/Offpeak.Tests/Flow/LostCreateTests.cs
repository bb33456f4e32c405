using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>
/// A create call without a reply whose batch the provider's list did not show in time, so that it was sent again. What was made twice is paid
/// twice: it is looked for again, and what stays uncertain is said.
/// </summary>
public sealed class LostCreateTests
{
    [Fact]
    public async Task Batch_that_shows_after_it_was_sent_again_is_found_at_the_end_shown_reported_and_stopped()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = null;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var shard = (await engine.Client.GetAsync(id)).Shards[^1];
        Assert.Equal(("pb-2", null), (shard.ProviderBatchId, shard.Doubt));
        Assert.Equal(["pb-1"], shard.Doubles);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
        Assert.Contains(engine.Reports, report => report.BatchId == id && report.Exception.Message.Contains("pb-1", StringComparison.Ordinal));
        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Doubt_that_the_provider_cannot_clear_is_shown()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Unknown;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var details = await engine.Client.GetAsync(id);
        Assert.Contains("check its console", details.Shards[^1].Doubt, StringComparison.Ordinal);
        Assert.Equal(BatchStatus.Completed, details.Batch.Status);
    }

    [Fact]
    public async Task Doubt_is_shown_when_only_another_key_can_be_looked_with()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Hooks.OnVerb = verb =>
        {
            // The results are read with the key that is new from here on.
            if (verb == "ApplyResultsAsync")
                engine.Provider.KeyFingerprint = "fp-2";
        };
        await engine.PollAsync(id);

        Assert.Contains("another key", (await engine.ShardAsync(id)).Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_that_cannot_be_asked_at_the_end_is_asked_again_and_then_the_doubt_is_said()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => throw Fault.Transient();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Null((await engine.ShardAsync(id)).ResultsFetchedAt);

        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.PollAsync(id);

        Assert.NotNull((await engine.ShardAsync(id)).Doubt);
        Assert.Equal(2, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Provider_is_not_looked_through_when_every_create_call_was_answered()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(0, engine.Provider.Finds);
    }

    [Fact]
    public async Task Batch_that_is_discarded_by_the_operator_and_shows_later_is_a_double()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.AfterCreate = null;
        await engine.Client.ResolveAsync((await engine.ShardAsync(id)).Id, ShardResolution.Discard);
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(["pb-1"], (await engine.ShardAsync(id)).Doubles);
    }

    private static async Task<long> SendTwiceAsync(Engine engine)
    {
        engine.Provider.OnFind = _ => FindResult.Absent;
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;
        engine.Time.Advance(TimeSpan.FromMinutes(3));
        await engine.Reconcile.RunOnceAsync();
        await engine.Submit.RunOnceAsync();
        Assert.Equal((2, ShardStatus.Submitted), (engine.Provider.Batches.Count, (await engine.ShardAsync(id)).Status));
        return id;
    }
}
