using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>Recover, then expire: the last resort, after a last look.</summary>
public sealed class ExpireStuckBatchesTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(26);

    [Fact]
    public async Task RunOnce_batch_younger_than_the_maximum_age_is_left_alone()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(MaxAge - TimeSpan.FromSeconds(1));

        Assert.Equal(default, await engine.Expire.RunOnceAsync());
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_batch_that_still_runs_is_cancelled_at_the_provider_and_expired_here()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Time.Advance(MaxAge);

        Assert.Equal(new SweepResult(1, 1, 0), await engine.Expire.RunOnceAsync());

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Expired, FailureCodes.GivenUp), (shard.Status, shard.FailureCode));
        Assert.Contains("26 hours", shard.FailureReason, StringComparison.Ordinal);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunOnce_batch_is_expired_here_even_if_the_provider_cancel_fails(bool expectedKind)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnCancel = _ => throw (expectedKind ? Fault.Transient() : new HttpRequestException("socket closed"));
        engine.Provider.OnResults = _ => [];
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
        Assert.Contains(engine.Reports, report => (report.Component, report.BatchId) == ("expire_stuck_batches", id));
    }

    [Fact]
    public async Task RunOnce_batch_is_expired_here_even_if_the_provider_cannot_be_asked()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw Fault.NotFound();
        engine.Provider.OnResults = _ => throw Fault.NotFound();
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
        Assert.Equal(FailureCodes.GivenUp, (await engine.EntryAsync(id, "e1")).ErrorCode);
    }

    [Fact]
    public async Task RunOnce_last_look_that_finds_it_ended_keeps_every_result()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(ShardStatus.Ended, (await engine.ShardAsync(id)).Status);
        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
        Assert.Empty(engine.Provider.Canceled);
    }

    [Fact]
    public async Task RunOnce_results_finished_before_the_batch_was_given_up_are_kept()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Provider.Answer = entry => entry.CustomId == "e2" ? Results.Ok(entry) : null;
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(new EntryCounts(0, 0, 1, 0, 0, 2), await engine.CountsAsync(id));
        Assert.Equal("answer e2", (await engine.EntryAsync(id, "e2")).Text);
        Assert.Equal(FailureCodes.GivenUp, (await engine.EntryAsync(id, "e1")).ErrorCode);
    }

    [Fact]
    public async Task RunOnce_given_up_entries_are_not_asked_again_because_the_provider_may_still_work_on_them()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Answer = _ => null;
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Single(engine.Provider.Batches);
        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_results_that_cannot_be_read_for_a_passing_reason_are_read_later()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = _ => throw Fault.Transient();
        engine.Time.Advance(MaxAge);
        await engine.Expire.RunOnceAsync();
        Assert.Null((await engine.ShardAsync(id)).ResultsFetchedAt);

        engine.Provider.OnResults = null;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.Equal(1, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task RunOnce_results_that_cannot_be_read_for_another_maximum_age_are_given_up()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = _ => throw Fault.Transient();
        engine.Time.Advance(2 * MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.Equal((EntryStatus.Failed, FailureCodes.GivenUp), ((await engine.EntryAsync(id, "e1")).Status, (await engine.EntryAsync(id, "e1")).ErrorCode));
        Assert.EndsWith("could not be read. The provider is down.", (await engine.EntryAsync(id, "e1")).ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(engine.Reports, report => report.Exception is ProviderException && report.Component == "expire_stuck_batches");
        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task RunOnce_one_failing_batch_does_not_stop_the_sweep()
    {
        await using var engine = await Engine.StartAsync();
        var bad = await engine.SubmitAsync();
        var good = await engine.SubmitAsync();
        engine.Provider.OnResults = batch => batch.Id == "pb-1" ? throw new InvalidOperationException("broken") : [];
        engine.Time.Advance(MaxAge);

        var result = await engine.Expire.RunOnceAsync();

        Assert.Equal(new SweepResult(2, 1, 0), result);
        Assert.Contains(engine.Reports, report => (report.Component, report.BatchId) == ("expire_stuck_batches", bad));
        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(good)).Status);
    }

    [Fact]
    public async Task RunOnce_maximum_age_is_set_per_provider()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxAge["FAKE"] = TimeSpan.FromHours(2));
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromHours(2));

        await engine.Expire.RunOnceAsync();

        Assert.Equal(ShardStatus.Expired, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_infinite_maximum_age_never_gives_up()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxAge["fake"] = Timeout.InfiniteTimeSpan);
        await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromDays(365));

        Assert.Equal(default, await engine.Expire.RunOnceAsync());
    }

    [Fact]
    public async Task RunOnce_batch_of_a_provider_without_a_maximum_age_ends_all_the_same()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxAge = null };
        world.Provider.OnStatus = _ => throw Fault.Transient();
        world.Provider.OnResults = _ => throw Fault.Transient();
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(new SweepResult(1, 0, 0), await engine.Expire.RunOnceAsync());
        engine.Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(1, (await engine.Expire.RunOnceAsync()).Acted);

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_lost_submit_that_nobody_can_tell_of_is_given_up_in_doubt_with_what_was_the_matter()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        engine.Provider.OnFind = _ => FindResult.Unknown;
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await engine.Expire.RunOnceAsync()).Acted);
        engine.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, (await engine.Expire.RunOnceAsync()).Acted);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Expired, BatchStatus.Expired), (shard.Status, (await engine.BatchAsync(id)).Status));
        Assert.StartsWith(
            "Given up: no provider had accepted it 168 hours after it was planned. The provider cannot tell yet", shard.FailureReason, StringComparison.Ordinal);
        Assert.Contains("cannot be told whether the provider holds", shard.Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunOnce_lost_submit_that_is_found_at_the_last_look_is_kept()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromDays(8));

        Assert.Equal(0, (await engine.Expire.RunOnceAsync()).Acted);

        Assert.Equal((ShardStatus.Submitted, "pb-1"), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).ProviderBatchId));
    }

    [Fact]
    public async Task RunOnce_shard_that_was_never_sent_is_given_up_without_a_doubt()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromDays(7));

        Assert.Equal(new SweepResult(1, 1, 0), await engine.Expire.RunOnceAsync());

        var shard = await engine.ShardAsync(id);
        Assert.Equal(
            ("Given up: no provider had accepted it 168 hours after it was planned. The provider is down.", null), (shard.FailureReason, shard.Doubt));
        Assert.Equal(FailureCodes.GivenUp, shard.FailureCode);
        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_shard_that_nobody_tried_is_given_up_without_more_words()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);
        engine.Time.Advance(TimeSpan.FromDays(7));

        await engine.Expire.RunOnceAsync();

        Assert.Equal("Given up: no provider had accepted it 168 hours after it was planned.", (await engine.ShardAsync(id)).FailureReason);
    }

    [Theory]
    [InlineData("transient", true)]
    [InlineData("unauthorized", true)]
    [InlineData("unexpected", true)]
    [InlineData("not_found", false)]
    [InlineData("refused", false)]
    public async Task RunOnce_provider_that_gives_no_clear_answer_has_the_maximum_age_once_more_to_the_second(string kind, bool waits)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw new ProviderException(new ProviderErrorClass(kind), "No.");
        engine.Time.Advance((2 * MaxAge) - TimeSpan.FromSeconds(1));
        await engine.Expire.RunOnceAsync();
        Assert.Equal(waits ? ShardStatus.Submitted : ShardStatus.Expired, (await engine.ShardAsync(id)).Status);

        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.Expire.RunOnceAsync();

        Assert.Equal(ShardStatus.Expired, (await engine.ShardAsync(id)).Status);
        Assert.Contains(engine.Reports, report => report.Component == "expire_stuck_batches" && report.Exception.Message == "No.");
    }

    [Fact]
    public async Task RunOnce_what_the_last_look_saw_is_kept_on_the_row()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot
        {
            State = ProviderBatchState.Running,
            Status = new("still at it"),
            Counts = new(Total: 3, Succeeded: 2, Failed: 1),
        });
        engine.Time.Advance(MaxAge);

        await engine.Expire.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Expired, "still at it", 2), (shard.Status, shard.ProviderStatus.Value, shard.Counts?.Succeeded));
    }

    [Fact]
    public async Task RunOnce_fault_of_our_own_while_results_are_read_is_named_and_not_quoted()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.OnResults = _ => throw new InvalidOperationException("secret");
        engine.Time.Advance(2 * MaxAge);

        await engine.Expire.RunOnceAsync();

        Assert.EndsWith("could not be read. InvalidOperationException.", (await engine.EntryAsync(id, "e1")).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunOnce_batch_that_a_live_worker_is_polling_is_left_to_it()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(MaxAge);
        await engine.ExecuteAsync("UPDATE offpeak_shards SET lease_owner = 'other', lease_until = '2027-01-01 00:00:00'");

        Assert.Equal(new SweepResult(1, 0, 0), await engine.Expire.RunOnceAsync());
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }
}
