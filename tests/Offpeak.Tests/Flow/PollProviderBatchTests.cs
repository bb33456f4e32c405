using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

public sealed class PollProviderBatchTests
{
    [Fact]
    public async Task Status_read_that_runs_out_of_time_is_trouble_that_passes()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw new TaskCanceledException("HttpClient.Timeout");
        await engine.PollAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ProviderErrorClass.Transient, 0), (shard.Trouble!.Class, shard.FaultCount));
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Submit_sets_the_next_poll_in_the_statement_that_records_the_providers_id()
    {
        await using var engine = await Engine.StartAsync();
        engine.Queue.OnEnqueue = _ => throw new InvalidOperationException("the queue is down");

        var id = await engine.SubmitAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal(("pb-1", engine.Now + TimeSpan.FromMinutes(1)), (shard.ProviderBatchId, shard.NextPollAt));
    }

    [Fact]
    public async Task Submitted_row_without_a_next_poll_never_exists_whatever_happens_to_the_queue_and_the_provider()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        Exception?[] troubles = [null, Fault.Transient(), Fault.Unauthorized(), Fault.NotFound(), Fault.Unexpected(), new InvalidOperationException("bug")];
        foreach (var trouble in troubles)
        {
            engine.Provider.OnStatus = batch => trouble is null ? Task.FromResult(batch.Snapshot) : throw trouble;
            await engine.PollAsync(id);

            var shard = await engine.ShardAsync(id);
            Assert.True(shard.NextPollAt > engine.Now);
            Assert.Null(shard.LeaseOwner);
        }
    }

    [Fact]
    public async Task Poll_schedule_grows_and_clamps_to_its_last_entry()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var delays = new List<double>();
        for (var poll = 0; poll < 7; poll++)
        {
            await engine.PollAsync(id);
            delays.Add(((await engine.ShardAsync(id)).NextPollAt!.Value - engine.Now).TotalMinutes);
        }

        Assert.Equal([1, 2, 5, 10, 30, 30, 30], delays);
    }

    [Fact]
    public async Task Poll_transient_error_reschedules_without_a_report()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        engine.Provider.OnStatus = _ => throw Fault.Transient();

        await engine.PollAsync(id);

        Assert.Empty(engine.Reports);
        Assert.Empty(engine.World.Logs.At(LogLevel.Error));
        Assert.Single(engine.Queue.Waiting);
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Poll_other_error_is_reported_shown_on_the_row_and_tried_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        engine.Provider.OnStatus = _ => throw Fault.Unexpected();
        await engine.PollAsync(id);

        var report = Assert.Single(engine.Reports);
        Assert.Equal(("poll_shard", (long?)id), (report.Component, report.BatchId));
        Assert.Equal("The answer cannot be understood.", (await engine.ShardAsync(id)).Trouble?.Message);
        engine.Provider.OnStatus = null;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.DeliverAsync();
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.Null((await engine.ShardAsync(id)).Trouble?.Message);
    }

    [Fact]
    public async Task Poll_error_of_our_own_is_reported_shown_on_the_row_and_tried_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        engine.Provider.OnStatus = _ => throw new InvalidOperationException("bug");

        await engine.PollAsync(id);

        Assert.Equal("bug", Assert.Single(engine.Reports).Exception.Message);
        Assert.Equal("InvalidOperationException while polling.", (await engine.ShardAsync(id)).Trouble?.Message);
        Assert.Single(engine.Queue.Waiting);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Poll_retry_after_is_the_minimum_also_on_a_good_answer(bool fails)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        engine.Provider.OnStatus = batch => fails
            ? throw Fault.Transient(TimeSpan.FromHours(2))
            : Task.FromResult(batch.Snapshot with { RetryAfter = TimeSpan.FromHours(2) });

        await engine.PollAsync(id);

        Assert.Equal(engine.Now.AddHours(2), (await engine.ShardAsync(id)).NextPollAt);
        Assert.Equal(TimeSpan.FromHours(2), Assert.Single(engine.Queue.Waiting).Delay);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3_600, 3_600)]
    [InlineData(86_400, 86_400)]
    [InlineData(86_401, 86_400)]
    public async Task Poll_delay_that_the_provider_names_replaces_the_schedule_up_to_a_day(int named, int seconds)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        engine.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Running, PollDelay = TimeSpan.FromSeconds(named) });

        await engine.PollAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal(engine.Now.AddSeconds(seconds), shard.NextPollAt);
        var poll = Assert.Single(engine.Queue.Waiting);
        Assert.Equal((2, 1), (shard.PollGeneration, shard.PollAttempt));
        Assert.Equal((TimeSpan.FromSeconds(seconds), shard.PollGeneration), (poll.Delay, poll.Item.Generation));
    }

    [Fact]
    public async Task Poll_that_sees_it_again_forgets_trouble_faults_and_absence()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw Fault.NotFound();
        await engine.PollAsync(id);
        engine.Provider.OnStatus = _ => throw new InvalidOperationException("of our own");
        await engine.PollAsync(id);
        await engine.PollAsync(id);
        var troubled = await engine.ShardAsync(id);
        Assert.Equal((ProviderErrorClass.Fault, 2, engine.Now), (troubled.Trouble!.Class, troubled.FaultCount, troubled.NotFoundSince));
        engine.Provider.OnStatus = _ => throw Fault.Transient();
        await engine.PollAsync(id);
        Assert.Equal((2, engine.Now), ((await engine.ShardAsync(id)).FaultCount, (await engine.ShardAsync(id)).NotFoundSince));

        engine.Provider.OnStatus = null;
        await engine.PollAsync(id);

        var seen = await engine.ShardAsync(id);
        Assert.Equal((null, 0, null), (seen.Trouble, seen.FaultCount, seen.NotFoundSince));
    }

    [Fact]
    public async Task Poll_of_which_the_row_has_no_counts_or_journal_to_say_keeps_those_that_were_seen()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot
        {
            State = ProviderBatchState.Running,
            Counts = new(Total: 3, Succeeded: 2, Failed: 1),
            Journal = Journal.Empty.With("results", "file-9"),
        });
        await engine.PollAsync(id);
        engine.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Running });
        await engine.PollAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal((2, "file-9"), (shard.Counts?.Succeeded, shard.Journal["results"]));
    }

    [Fact]
    public async Task Poll_that_reads_results_leaves_its_slot_to_status_reads()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxConcurrency.Polls = 1);
        var reading = await engine.SubmitAsync();
        var running = await engine.SubmitAsync();
        engine.Provider.Batches[0].Snapshot = new() { State = ProviderBatchState.Ended };
        engine.Provider.OnResults = _ => throw Fault.Transient();
        await engine.PollAsync(reading);
        Assert.Equal(ShardStatus.Ended, (await engine.ShardAsync(reading)).Status);
        engine.Provider.OnResults = null;
        engine.Provider.AfterResult = _ => engine.PollAsync(running).WaitAsync(TimeSpan.FromMinutes(1));

        await engine.PollAsync(reading);

        Assert.Equal((BatchStatus.Completed, ShardStatus.InProgress), ((await engine.BatchAsync(reading)).Status, (await engine.ShardAsync(running)).Status));
    }

    [Fact]
    public async Task Poll_404_is_unknown_not_failed_and_only_shown_as_a_problem_after_the_window()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw Fault.NotFound();
        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.PollAsync(id);
        Assert.Empty(engine.Reports);

        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.PollAsync(id);

        Assert.Single(engine.Reports);
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
        engine.Provider.OnStatus = null;
        await engine.PollAsync(id);
        Assert.Null((await engine.ShardAsync(id)).NotFoundSince);
    }

    [Fact]
    public async Task Poll_404_window_is_not_started_afresh_by_other_trouble_in_between()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var since = engine.Now;
        engine.Provider.OnStatus = _ => throw Fault.NotFound();
        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromMinutes(9));
        engine.Provider.OnStatus = _ => throw Fault.Transient();
        await engine.PollAsync(id);

        Assert.Equal(since, (await engine.ShardAsync(id)).NotFoundSince);
    }

    [Fact]
    public async Task Poll_refused_key_pauses_with_a_reason_is_reported_once_and_resumes_when_the_key_works()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.OnStatus = _ => throw Fault.Unauthorized();
        await engine.PollAsync(id);
        await engine.PollAsync(id);
        var paused = await engine.ShardAsync(id);

        engine.Provider.OnStatus = null;
        await engine.PollAsync(id);

        Assert.Equal((ShardStatus.Submitted, "The key was refused."), (paused.Status, paused.Trouble?.Message));
        Assert.Single(engine.Reports);
        Assert.Null((await engine.ShardAsync(id)).Trouble?.Message);
    }

    [Fact]
    public async Task Poll_unknown_status_counts_as_running_keeps_the_word_and_is_warned_about_once()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Only.Snapshot = new() { State = ProviderBatchState.Running, Status = new("pondering"), StatusIsUnknown = true };

        await engine.PollAsync(id);
        Assert.Single(engine.World.Logs.At(LogLevel.Warning));
        await engine.PollAsync(id);

        Assert.Contains("pondering", Assert.Single(engine.World.Logs.At(LogLevel.Warning)).Text, StringComparison.Ordinal);
        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.InProgress, "pondering"), (shard.Status, shard.ProviderStatus.Value));
    }

    [Fact]
    public async Task Poll_terminal_batch_whose_results_are_not_published_yet_waits()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Only.Snapshot = new() { State = ProviderBatchState.Ended, ResultsReady = false };
        await engine.PollAsync(id);
        Assert.Equal((ShardStatus.InProgress, 0), ((await engine.ShardAsync(id)).Status, engine.Provider.ResultReads));

        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(1, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Poll_no_capacity_is_submitted_again_under_the_same_key_and_not_failed()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Set(ProviderBatchState.Failed, new ProviderFailure(ProviderErrorClass.Capacity, "token_limit_exceeded", "The queue is full."));
        await engine.PollAsync(id);
        var waiting = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Pending, null), (waiting.Status, waiting.ProviderBatchId));
        Assert.Equal(["pb-1"], waiting.RejectedIds);
        Assert.Equal(2, (await engine.CountsAsync(id)).Pending);

        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal([waiting.SubmissionKey.Value, waiting.SubmissionKey.Value], engine.Provider.Batches.Select(batch => batch.Key));
        Assert.Equal("pb-2", (await engine.ShardAsync(id)).ProviderBatchId);
    }

    [Fact]
    public async Task Poll_lost_reply_after_a_capacity_refusal_does_not_adopt_the_refused_batch()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Failed, new ProviderFailure(ProviderErrorClass.Capacity, "full", "The queue is full."));
        await engine.PollAsync(id);
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        await engine.Reconcile.RunOnceAsync();

        Assert.Equal("pb-2", (await engine.ShardAsync(id)).ProviderBatchId);
    }

    [Fact]
    public async Task Poll_refused_batch_fails_with_the_providers_reason()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Set(ProviderBatchState.Failed, new ProviderFailure(ProviderErrorClass.Refused, "invalid_json_line", "Line 2 is no JSON."));
        engine.Provider.OnResults = _ => [];

        await engine.PollAsync(id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Failed, "Line 2 is no JSON."), (batch.Status, batch.FailureReason));
        Assert.Equal("invalid_json_line", (await engine.EntryAsync(id, "e1")).ErrorCode);
    }

    [Fact]
    public async Task Poll_request_of_an_older_generation_ends_itself()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var old = Assert.Single(engine.Queue.Take());
        await engine.PollAsync(id);

        await engine.RunAsync(old.Item);

        Assert.Equal(1, engine.Provider.StatusReads);
    }

    [Fact]
    public async Task Poll_of_a_batch_that_is_done_does_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        await engine.PollAsync(id);

        Assert.Equal((1, 1), (engine.Provider.StatusReads, engine.Provider.ResultReads));
    }

    [Fact]
    public async Task Poll_of_a_row_that_does_not_exist_does_nothing()
    {
        await using var engine = await Engine.StartAsync();

        await engine.RunAsync(new WorkItem(WorkKind.Poll, 99, 1));

        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Poll_interrupted_by_a_stop_gives_its_lease_back()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        using var stop = new CancellationTokenSource();
        engine.Provider.OnStatus = async batch =>
        {
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
            return batch.Snapshot;
        };
        var shard = await engine.ShardAsync(id);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), stop.Token));

        Assert.Null((await engine.ShardAsync(id)).LeaseOwner);
    }

    [Fact]
    public void Schedule_used_by_the_engine_is_the_documented_one() =>
        Assert.Equal("1m,2m,5m,10m,30m", PollSchedule.Default.ToString());
}
