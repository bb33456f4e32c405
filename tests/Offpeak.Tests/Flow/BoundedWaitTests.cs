using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>No shard waits for ever: not for a provider that never takes it, not for one that cannot tell, not for a cancel.</summary>
public sealed class BoundedWaitTests
{
    private static readonly TimeSpan MaxWait = new OffpeakOptions().MaxWait;

    [Fact]
    public async Task Shard_that_no_provider_takes_is_given_up_after_the_longest_wait()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(2);
        engine.Time.Advance(MaxWait - TimeSpan.FromMinutes(1));
        await engine.Expire.RunOnceAsync();
        Assert.Equal(ShardStatus.Pending, (await engine.ShardAsync(id)).Status);

        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.Expire.RunOnceAsync();

        Assert.Equal((BatchStatus.Expired, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).ExpiredCount));
        Assert.Contains("The provider is down.", (await engine.ShardAsync(id)).FailureReason, StringComparison.Ordinal);
        Assert.Null((await engine.ShardAsync(id)).Doubt);
    }

    [Fact]
    public async Task Shard_that_the_provider_cannot_tell_about_is_given_up_after_the_longest_wait_and_the_doubt_is_said()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Unknown;
        engine.Time.Advance(MaxWait);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
        Assert.Contains("Given up while it cannot be told", (await engine.ShardAsync(id)).Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shard_that_shows_at_the_last_look_is_adopted_instead()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Time.Advance(MaxWait);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Theory]
    [InlineData("refused_key")]
    [InlineData("cannot_tell")]
    [InlineData("other_key")]
    public async Task Cancel_of_a_shard_in_doubt_ends_at_once_and_says_so(string why)
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = why switch
        {
            "refused_key" => _ => throw Fault.Unauthorized(),
            "cannot_tell" => _ => FindResult.Unknown,
            _ => _ => FindResult.Absent,
        };
        engine.Provider.KeyFingerprint = why == "other_key" ? "fp-2" : "fp-1";
        engine.Provider.OnAbandon = _ => throw Fault.Unexpected();

        await engine.Client.CancelAsync(id);

        Assert.Equal((BatchStatus.Canceled, 1), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).CanceledCount));
        Assert.Contains("check its console", (await engine.Client.GetAsync(id)).Shards[^1].Doubt, StringComparison.Ordinal);
        Assert.Equal("cancel_batch", engine.Reports[^1].Component);
    }

    [Fact]
    public async Task Cancel_of_a_shard_in_doubt_waits_for_a_provider_that_is_away_for_a_moment()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.OnFind = _ => throw Fault.Transient();
        await engine.Client.CancelAsync(id);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);

        engine.Provider.OnFind = null;
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal((ShardStatus.Submitted, "pb-1"), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).ProviderBatchId));
        await engine.PollAsync(id);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Fact]
    public async Task Poll_of_a_provider_that_is_not_registered_is_reported_once_and_ends_in_the_end()
    {
        using var world = new World();
        await using (var before = await Engine.StartAsync(world, more: services => services.AddSingleton<IBatchProvider>(new FakeProvider("gone"))))
            await before.SubmitAsync(1, new NewBatch("gone/model"));
        await using var engine = await Engine.StartAsync(world);
        for (var hour = 0; hour < 60; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
        }

        Assert.Single(engine.Reports);
        Assert.Equal((ProviderErrorClass.Unregistered, true), ((await engine.ShardAsync(1)).Trouble!.Class, (await engine.ShardAsync(1)).Trouble!.IsPaused));

        engine.Time.Advance(TimeSpan.FromDays(31));
        await engine.Expire.RunOnceAsync();
        Assert.Equal(BatchStatus.Running, (await engine.BatchAsync(1)).Status);

        engine.Time.Advance(TimeSpan.FromDays(30));
        await engine.Expire.RunOnceAsync();
        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(1)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Absurd_wait_between_polls_is_cut_to_a_day(bool asPollDelay)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var absurd = TimeSpan.FromSeconds(int.MaxValue);
        engine.Provider.OnStatus = _ => asPollDelay
            ? Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Running, PollDelay = absurd })
            : throw Fault.Transient(absurd);

        await engine.PollAsync(id);

        Assert.Equal(TimeSpan.FromDays(1), (await engine.ShardAsync(id)).NextPollAt - engine.Now);
    }

    private static async Task<long> LoseReplyAsync(Engine engine)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.AfterCreate = null;
        return id;
    }
}
