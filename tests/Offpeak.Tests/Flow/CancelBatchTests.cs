using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow.Poll;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

public sealed class CancelBatchTests
{
    [Fact]
    public async Task Cancel_while_building_ends_it_and_nothing_is_ever_sent()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(2);
        await engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Canceled, 2, engine.Now), (batch.Status, batch.CanceledCount, batch.FinishedAt));
        Assert.Empty(engine.Provider.Batches);
        await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, [Engine.Entry("late")]));
    }

    [Fact]
    public async Task Cancel_while_pending_ends_it_and_nothing_is_ever_sent()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(2);
        await engine.Client.SubmitAsync(id);
        await engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal(ShardStatus.Canceled, (await engine.ShardAsync(id)).Status);
        Assert.Equal(2, (await engine.CountsAsync(id)).Canceled);
        Assert.Empty(engine.Provider.Batches);
    }

    [Fact]
    public async Task Cancel_that_is_noted_at_the_moment_of_the_claim_sends_nothing()
    {
        using var world = new World();
        await using var other = await Engine.StartAsync(world);
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.BuildAsync(2);
        await engine.Client.SubmitAsync(id);
        // Noted and not acted on: the process that cancelled has died in between.
        engine.Hooks.Once("TryBeginSubmitAsync", () => other.Store.RequestCancelAsync(id, CancellationToken.None));
        await engine.Submit.RunOnceAsync();
        Assert.Empty(world.Provider.Batches);

        await engine.Submit.RunOnceAsync();
        Assert.Equal((BatchStatus.Canceled, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).CanceledCount));
    }

    [Fact]
    public async Task Cancel_between_the_claim_and_the_create_call_sends_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(2);
        await engine.Client.SubmitAsync(id);
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeShardAsync" && args[1] is ShardChange { CreateBegunAt.IsSet: true })
            {
                engine.Hooks.OnCall = null;
                engine.Store.RequestCancelAsync(id, CancellationToken.None).GetAwaiter().GetResult();
            }
        };
        await engine.Submit.RunOnceAsync();
        Assert.NotNull((await engine.BatchAsync(id)).CancelRequestedAt);
        Assert.Empty(engine.Provider.Batches);

        await engine.Submit.RunOnceAsync();
        Assert.Equal((BatchStatus.Canceled, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).CanceledCount));
        Assert.Empty(engine.Provider.Batches);
    }

    [Fact]
    public async Task Cancel_that_runs_out_of_time_does_not_keep_the_status_from_being_read()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.OnCancel = _ => throw new TaskCanceledException("HttpClient.Timeout", new TimeoutException());
        await engine.Client.CancelAsync(id);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Completed, 1), ((await engine.BatchAsync(id)).Status, engine.Provider.StatusReads));
        Assert.DoesNotContain(engine.Reports, report => report.Component == PollShard.Component);
    }

    [Fact]
    public async Task Cancel_while_submitting_is_sent_to_the_provider_at_the_first_poll()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);
        engine.Provider.BeforeCreate = _ => engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);

        engine.Provider.OnCancel = _ =>
        {
            engine.Provider.Set(ProviderBatchState.Canceled);
            engine.Provider.Answer = Results.Canceled;
            return Task.CompletedTask;
        };
        await engine.PollAsync(id);

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Fact]
    public async Task Cancel_while_running_asks_the_provider_at_once_and_keeps_what_was_finished()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        await engine.Client.CancelAsync(id);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
        Assert.Equal(BatchStatus.Running, (await engine.BatchAsync(id)).Status);

        engine.Provider.Set(ProviderBatchState.Canceled);
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : entry.CustomId == "e2" ? Results.Canceled(entry) : null;
        await engine.PollAsync(id);

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal(new EntryCounts(0, 0, 1, 0, 2, 0), await engine.CountsAsync(id));
        Assert.Equal("answer e1", (await engine.EntryAsync(id, "e1")).Text);
        Assert.Single(engine.Provider.Canceled);
    }

    [Fact]
    public async Task Cancel_in_the_middle_of_a_poll_leaves_it_its_lease_and_the_chain_goes_on()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Provider.OnStatus = async _ =>
        {
            await engine.Client.CancelAsync(id);
            return new ProviderSnapshot { State = ProviderBatchState.Running };
        };
        await engine.DeliverAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((null, engine.Now), (shard.LeaseOwner, shard.CancelSentAt));
        Assert.Contains(engine.Queue.Waiting, work => work.Item == new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration));
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Fact]
    public async Task Cancel_in_the_moment_before_a_poll_begins_does_not_end_the_chain()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeShardAsync" && args[1] is ShardChange { Lease.Token: not null })
            {
                engine.Hooks.OnCall = null;
                engine.Client.CancelAsync(id).GetAwaiter().GetResult();
            }
        };
        await engine.DeliverAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Contains(engine.Queue.Waiting, work => work.Item == new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration));
    }

    [Fact]
    public async Task Cancel_that_comes_too_late_leaves_a_completed_batch()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        await engine.Client.CancelAsync(id);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Completed, 1), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Cancel_that_the_provider_refuses_is_repeated_and_does_not_keep_the_status_from_being_read()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnCancel = _ => throw Fault.Transient();
        await engine.Client.CancelAsync(id);
        await engine.PollAsync(id);
        Assert.Equal((2, 1), (engine.Provider.Canceled.Count, engine.Provider.StatusReads));
        Assert.Null((await engine.ShardAsync(id)).CancelSentAt);
        Assert.Empty(engine.Reports);

        engine.Provider.OnCancel = null;
        await engine.PollAsync(id);

        Assert.Equal(engine.Now, (await engine.ShardAsync(id)).CancelSentAt);
    }

    [Fact]
    public async Task Cancel_that_fails_for_no_passing_reason_is_reported_each_time_it_is_tried()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnCancel = _ => throw Fault.Unexpected();

        await engine.Client.CancelAsync(id);
        await engine.PollAsync(id);

        Assert.Equal([("cancel_batch", id), ("poll_shard", id)], engine.Reports.Select(report => (report.Component, report.BatchId!.Value)));
        Assert.Equal(1, engine.Provider.StatusReads);
    }

    [Fact]
    public async Task Cancel_while_unconfirmed_is_cancelled_once_it_is_proven_absent()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        await engine.Client.CancelAsync(id);
        engine.Time.Advance(TimeSpan.FromMinutes(2));
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Cancel_while_unconfirmed_is_sent_to_the_provider_once_it_is_found()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        await engine.Client.CancelAsync(id);
        await engine.Reconcile.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Fact]
    public async Task Cancel_while_unconfirmed_is_the_operators_word_where_the_provider_cannot_tell()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => FindResult.Unknown;
        await engine.Reconcile.RunOnceAsync();
        await engine.Client.CancelAsync(id);
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Contains("cannot tell", (await engine.ShardAsync(id)).FailureReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_while_unconfirmed_does_not_wait_for_a_key_that_may_never_work_again()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => throw Fault.Unauthorized();
        await engine.Client.CancelAsync(id);
        await engine.Reconcile.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((BatchStatus.Canceled, ShardStatus.Canceled), ((await engine.BatchAsync(id)).Status, shard.Status));
        Assert.StartsWith("Cancelled while the provider cannot tell", shard.Doubt, StringComparison.Ordinal);
        Assert.StartsWith("Cancelled while the provider cannot tell", (await engine.EntryAsync(id, "e1")).ErrorMessage, StringComparison.Ordinal);
        Assert.Equal([shard.SubmissionKey.Value], engine.Provider.Abandoned);
    }

    [Fact]
    public async Task Cancel_while_unconfirmed_waits_for_a_provider_that_is_away_for_a_moment()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => throw Fault.Transient();
        await engine.Client.CancelAsync(id);
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        Assert.Equal("The provider is down.", (await engine.ShardAsync(id)).Trouble?.Message);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Key_that_is_refused_while_a_lost_submit_is_looked_for_is_reported_once_and_closes_nothing()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => throw Fault.Unauthorized();
        await engine.Reconcile.RunOnceAsync();
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
        Assert.Equal("The key was refused.", Assert.Single(engine.Reports).Exception.Message);
    }

    [Fact]
    public async Task Cancel_of_what_is_proven_absent_leaves_no_doubt_and_says_that_it_was_not_sent()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Client.CancelAsync(id);
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal((ShardStatus.Canceled, null), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).Doubt));
        Assert.Equal("Cancelled before it was sent.", (await engine.EntryAsync(id, "e1")).ErrorMessage);
    }

    [Fact]
    public async Task Cancel_between_rounds_starts_no_further_round()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : Results.Busy(entry);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        await engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Single(engine.Provider.Batches);
        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal((1, 1), ((await engine.CountsAsync(id)).Succeeded, (await engine.CountsAsync(id)).Canceled));
    }

    [Fact]
    public async Task Cancel_after_an_interrupted_submit_leaves_no_shard_behind()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        var probe = new Diagnostics.FlowProbe
        {
            OnReached = point => _ = point == Diagnostics.FlowPoint.ShardPlanned ? throw new IOException("killed") : point,
        };
        await using (var first = await Engine.StartAsync(world, more: services => services.AddSingleton(probe)))
        {
            var interrupted = await first.BuildAsync(2);
            await Assert.ThrowsAsync<IOException>(() => first.Client.SubmitAsync(interrupted));
        }

        await using var second = await Engine.StartAsync(world);
        await second.Client.CancelAsync(1);

        Assert.Equal(BatchStatus.Canceled, (await second.BatchAsync(1)).Status);
        Assert.All(await second.ShardsAsync(1), shard => Assert.Equal(ShardStatus.Canceled, shard.Status));
    }

    [Fact]
    public async Task Cancel_of_a_finished_batch_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(OffpeakErrorCode.InvalidState, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CancelAsync(id))).Code);
    }
}
