using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>The key was exchanged while something was at the provider. What another account cannot see is neither absent nor lost.</summary>
public sealed class RotatedKeyTests
{
    private const string OldKey = "fp-1";
    private const string NewKey = "fp-2";

    [Fact]
    public async Task Lost_submit_is_never_believed_absent_by_looking_with_another_key()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        RotateToAnotherAccount(engine);

        for (var sweep = 0; sweep < 5; sweep++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(5));
            await engine.Reconcile.RunOnceAsync();
            await engine.Submit.RunOnceAsync();
        }

        var shard = await engine.ShardAsync(id);
        Assert.Single(engine.Provider.Batches);
        Assert.Equal((ShardStatus.Unconfirmed, OldKey), (shard.Status, shard.KeyFingerprint));
        Assert.Equal((ProviderErrorClass.OtherKey, true), (shard.Trouble!.Class, shard.Trouble.IsPaused));
        Assert.Single(engine.Reports);
    }

    [Fact]
    public async Task Lost_submit_is_adopted_once_the_key_is_back()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        RotateToAnotherAccount(engine);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Reconcile.RunOnceAsync();

        RotateBack(engine);
        await engine.Reconcile.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "pb-1", null), (shard.Status, shard.ProviderBatchId, shard.Trouble));
    }

    [Fact]
    public async Task Another_key_of_the_same_account_adopts_and_is_remembered()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        engine.Provider.KeyFingerprint = NewKey;

        await engine.Reconcile.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "pb-1", NewKey), (shard.Status, shard.ProviderBatchId, shard.KeyFingerprint));
    }

    [Fact]
    public async Task Running_batch_that_another_key_does_not_find_is_not_given_up_and_goes_on_when_the_key_is_back()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        RotateToAnotherAccount(engine);
        for (var hour = 0; hour < 80; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.PollAsync(id);
            await engine.Expire.RunOnceAsync();
        }

        var paused = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, ProviderErrorClass.OtherKey, OldKey), (paused.Status, paused.Trouble!.Class, paused.KeyFingerprint));
        Assert.Single(engine.Reports);

        RotateBack(engine);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Batch_whose_key_never_comes_back_ends_after_as_long_as_providers_keep_answers()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        RotateToAnotherAccount(engine);
        engine.Time.Advance(TimeSpan.FromDays(31));

        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Key_that_sees_a_running_batch_is_remembered()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.KeyFingerprint = NewKey;

        await engine.PollAsync(id);

        Assert.Equal(NewKey, (await engine.ShardAsync(id)).KeyFingerprint);
    }

    [Fact]
    public async Task Submit_that_was_begun_with_another_key_waits_for_it()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        engine.Provider.KeyFingerprint = NewKey;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        var waiting = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.OtherKey), (waiting.Status, waiting.Trouble!.Class));
        Assert.Empty(engine.Provider.Batches);

        engine.Provider.KeyFingerprint = OldKey;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submit_that_was_begun_with_a_key_that_is_gone_begins_afresh_at_a_word(bool retries)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        engine.Provider.KeyFingerprint = NewKey;
        var shardId = (await engine.ShardAsync(id)).Id;
        Assert.Equal(0, await engine.Client.RetryAsync(id));
        await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ResolveAsync(shardId, ShardResolution.Discard));
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ResolveAsync(shardId, ShardResolution.Adopt("pb-1")));

        if (retries)
            Assert.Equal(1, await engine.Client.RetryAsync(id));
        else
            await engine.Client.ResolveAsync(shardId, ShardResolution.Discard);

        await engine.Submit.RunOnceAsync();
        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, NewKey, null), (shard.Status, shard.KeyFingerprint, shard.Doubt));
        // What the old key had uploaded is still named, to be deleted.
        Assert.Contains("left.1.file", shard.Journal.Values.Keys);
    }

    [Fact]
    public async Task Create_that_was_lost_with_the_key_before_the_last_is_not_believed_absent_by_the_last()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Journals = false;
        engine.Provider.OnFind = _ => FindResult.Absent;
        var id = await LoseReplyAsync(engine);
        engine.Time.Advance(TimeSpan.FromMinutes(5));
        await engine.Reconcile.RunOnceAsync();
        engine.Provider.KeyFingerprint = NewKey;
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, engine.Provider.Batches.Count));
        Assert.Contains("another key", (await engine.ShardAsync(id)).Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_submit_of_another_key_is_given_up_when_no_provider_can_hold_its_answers_any_more_and_not_before()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseReplyAsync(engine);
        RotateToAnotherAccount(engine);
        engine.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));

        Assert.Equal(0, (await engine.Expire.RunOnceAsync()).Acted);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        engine.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await engine.Expire.RunOnceAsync()).Acted);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Expired, FailureCodes.GivenUp), (shard.Status, shard.FailureCode));
        Assert.Contains("168 hours", shard.FailureReason, StringComparison.Ordinal);
        Assert.EndsWith("check its console.", shard.FailureReason, StringComparison.Ordinal);
        Assert.Contains("cannot be told whether the provider holds", shard.Doubt, StringComparison.Ordinal);
        Assert.Equal((EntryStatus.Expired, FailureCodes.GivenUp), ((await engine.EntryAsync(id, "e1")).Status, (await engine.EntryAsync(id, "e1")).ErrorCode));
    }

    [Fact]
    public async Task Running_batch_of_another_key_is_kept_for_thirty_days_from_its_acceptance_to_the_second()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        RotateToAnotherAccount(engine);
        engine.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        await engine.Expire.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);

        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    private static void RotateToAnotherAccount(Engine engine)
    {
        engine.Provider.KeyFingerprint = NewKey;
        engine.Provider.OnFind = _ => FindResult.Absent;
        engine.Provider.OnStatus = _ => throw Fault.NotFound();
        engine.Provider.OnResults = _ => throw Fault.NotFound();
    }

    private static void RotateBack(Engine engine)
    {
        engine.Provider.KeyFingerprint = OldKey;
        engine.Provider.OnFind = null;
        engine.Provider.OnStatus = null;
        engine.Provider.OnResults = null;
    }

    private static async Task<long> LoseReplyAsync(Engine engine)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;
        return id;
    }
}
