using Microsoft.Extensions.Logging;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>The recovery sweep, rule by rule as Raif's job of the same name states them.</summary>
public sealed class ResumeStalledPollsTests
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    [Fact]
    public void Grace_and_interval_are_five_minutes_by_default()
    {
        var options = new OffpeakOptions();

        Assert.Equal(TimeSpan.FromMinutes(5), options.PollGrace);
        Assert.Equal(TimeSpan.FromMinutes(5), options.ResumeInterval);
        Assert.Equal(TimeSpan.FromHours(1), options.ExpireInterval);
        Assert.Equal(TimeSpan.FromMinutes(1), options.PollSchedule.Delay(0));
    }

    [Fact]
    public async Task RunOnce_batch_overdue_by_more_than_the_grace_gets_a_fresh_poll()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(FirstDelay + Grace + TimeSpan.FromSeconds(1));

        var result = await engine.Resume.RunOnceAsync();

        Assert.Equal(new SweepResult(1, 1, 0), result);
        var poll = Assert.Single(engine.Queue.Waiting);
        Assert.Equal((await engine.ShardAsync(id)).Id, poll.Item.Id);
        Assert.Equal(TimeSpan.Zero, poll.Delay);
    }

    [Fact]
    public async Task RunOnce_batch_overdue_by_exactly_the_grace_gets_a_fresh_poll()
    {
        await using var engine = await Engine.StartAsync();
        await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(FirstDelay + Grace);

        Assert.Equal(1, (await engine.Resume.RunOnceAsync()).Acted);
    }

    [Fact]
    public async Task RunOnce_next_poll_within_the_grace_window_is_skipped()
    {
        await using var engine = await Engine.StartAsync();
        await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(FirstDelay + Grace - TimeSpan.FromSeconds(1));

        Assert.Equal(default, await engine.Resume.RunOnceAsync());
        Assert.Empty(engine.Queue.Waiting);
    }

    [Fact]
    public async Task RunOnce_next_poll_in_the_future_is_skipped()
    {
        await using var engine = await Engine.StartAsync();
        await SubmitAndLoseChainAsync(engine);

        Assert.Equal(default, await engine.Resume.RunOnceAsync());
        Assert.Empty(engine.Queue.Waiting);
    }

    [Fact]
    public async Task RunOnce_terminal_batch_is_skipped_even_if_its_next_poll_is_long_past()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SubmitAndLoseChainAsync(engine);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        await engine.ExecuteAsync("UPDATE offpeak_shards SET next_poll_at = '2026-01-01 00:00:00'");
        engine.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(default, await engine.Resume.RunOnceAsync());
        Assert.Empty(engine.Queue.Waiting);
    }

    [Fact]
    public async Task RunOnce_grace_setting_is_honoured()
    {
        await using var engine = await Engine.StartAsync(options => options.PollGrace = TimeSpan.FromSeconds(10));
        await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(FirstDelay + TimeSpan.FromSeconds(11));

        Assert.Equal(1, (await engine.Resume.RunOnceAsync()).Acted);
    }

    [Fact]
    public async Task RunOnce_failing_enqueue_does_not_stop_the_sweep_and_is_retried_at_the_next_tick()
    {
        await using var engine = await Engine.StartAsync();
        long[] ids = [await SubmitAndLoseChainAsync(engine), await SubmitAndLoseChainAsync(engine), await SubmitAndLoseChainAsync(engine)];
        var broken = (await engine.ShardAsync(ids[1])).Id;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        engine.Queue.OnEnqueue = request =>
        {
            if (request.Id == broken)
                throw new InvalidOperationException("the queue hiccups");
        };

        var first = await engine.Resume.RunOnceAsync();
        var queued = engine.Queue.Take().Select(poll => poll.Item.Id).ToList();
        engine.Queue.OnEnqueue = null;
        engine.Time.Advance(TimeSpan.FromMinutes(5));
        await engine.Resume.RunOnceAsync();

        Assert.Equal(new SweepResult(3, 2, 1), first);
        Assert.DoesNotContain(broken, queued);
        Assert.Equal(2, queued.Count);
        Assert.Contains(engine.Queue.Waiting, poll => poll.Item.Id == broken);
    }

    [Fact]
    public async Task RunOnce_failing_enqueue_is_logged_with_the_batch_id_and_reported_with_component_and_batch_id()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        engine.Queue.OnEnqueue = _ => throw new InvalidOperationException("the queue hiccups");

        await engine.Resume.RunOnceAsync();

        var report = Assert.Single(engine.Reports);
        Assert.Equal(("resume_stalled_polls", (long?)id), (report.Component, report.BatchId));
        Assert.Equal("the queue hiccups", report.Exception.Message);
        var line = Assert.Single(engine.World.Logs.At(LogLevel.Error));
        Assert.Contains("resume_stalled_polls", line.Text, StringComparison.Ordinal);
        Assert.Contains($"batch {id}", line.Text, StringComparison.Ordinal);
        Assert.Same(report.Exception, line.Exception);
    }

    [Fact]
    public async Task RunOnce_what_concerns_no_batch_in_particular_is_reported_without_one()
    {
        await using var engine = await Engine.StartAsync();
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == nameof(IOffpeakStore.NoteUnknownHandlersAsync))
                throw new InvalidOperationException("the disk is full");
        };

        Assert.Equal(1, (await engine.Resume.RunOnceAsync()).Failed);

        Assert.Equal(("resume_stalled_polls", null), engine.Reports.Select(report => (report.Component, report.BatchId)).Single());
    }

    [Fact]
    public async Task RunOnce_error_tracker_that_throws_does_not_stop_the_sweep()
    {
        await using var engine = await Engine.StartAsync(build: offpeak => offpeak.ReportErrorsTo<BrokenTracker>());
        long[] ids = [await SubmitAndLoseChainAsync(engine), await SubmitAndLoseChainAsync(engine)];
        var broken = (await engine.ShardAsync(ids[0])).Id;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        engine.Queue.OnEnqueue = request =>
        {
            if (request.Id == broken)
                throw new InvalidOperationException("the queue hiccups");
        };

        Assert.Equal(new SweepResult(2, 1, 1), await engine.Resume.RunOnceAsync());
        Assert.Contains(engine.World.Logs.At(LogLevel.Error), line => line.Exception?.Message == "the tracker is down");
    }

    [Fact]
    public async Task RunOnce_logs_batch_id_status_next_poll_and_provider_batch_id()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(TimeSpan.FromMinutes(10));

        await engine.Resume.RunOnceAsync();

        var line = Assert.Single(engine.World.Logs.At(LogLevel.Information), line => line.Text.Contains("poll enqueued", StringComparison.Ordinal));
        Assert.Contains($"batch {id}", line.Text, StringComparison.Ordinal);
        Assert.Contains("status submitted", line.Text, StringComparison.Ordinal);
        Assert.Contains("2026-11-01T08:01:00", line.Text, StringComparison.Ordinal);
        Assert.Contains("pb-1", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunOnce_racing_the_live_chain_costs_one_more_status_read_and_nothing_else()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var live = Assert.Single(engine.Queue.Take());
        engine.Time.Advance(TimeSpan.FromMinutes(7));
        await engine.Resume.RunOnceAsync();
        var resumed = Assert.Single(engine.Queue.Take());

        await engine.RunAsync(live.Item);
        await engine.RunAsync(resumed.Item);

        Assert.InRange(engine.Provider.StatusReads, 1, 2);
        Assert.Single(engine.Queue.Waiting);
        Assert.Equal(ShardStatus.InProgress, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task RunOnce_five_ticks_before_the_poll_runs_leave_one_live_chain_and_at_most_two_status_reads()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        var first = engine.Queue.Take();
        for (var tick = 0; tick < 5; tick++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(6));
            await engine.Resume.RunOnceAsync();
        }

        foreach (var poll in first.Concat(engine.Queue.Take()))
            await engine.RunAsync(poll.Item);

        Assert.InRange(engine.Provider.StatusReads, 1, 2);
        var next = Assert.Single(engine.Queue.Waiting);
        Assert.Equal((await engine.ShardAsync(id)).PollGeneration, next.Item.Generation);
    }

    [Fact]
    public async Task RunOnce_a_page_of_rows_it_cannot_help_does_not_hide_later_ones()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SubmitAndLoseChainAsync(engine);
        // Two pages of rows under the lease of a live worker come first.
        await engine.ExecuteAsync(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
            INSERT INTO offpeak_shards (id, batch_id, round, number, provider, model, endpoint, status, provider_batch_id, submission_key,
                entry_count, body_bytes, planned_at, submit_attempts, next_poll_at, poll_attempt, poll_generation, malformed_count, unknown_count,
                duplicate_count, conflict_count, lease_owner, lease_until, version)
            SELECT -i, batch_id, 1, number + i, provider, model, endpoint, status, 'x', submission_key || i, 1, 1, planned_at, 1, next_poll_at, 0, 1, 0, 0, 0, 0,
                'somebody', '2027-01-01 00:00:00', 1
            FROM n, (SELECT * FROM offpeak_shards LIMIT 1);
            UPDATE offpeak_shards SET id = id + 5000;
            """);
        await engine.ExecuteAsync("UPDATE offpeak_shards SET id = id + 10000 WHERE lease_owner IS NULL");
        await engine.ExecuteAsync("UPDATE offpeak_entries SET shard_id = (SELECT max(id) FROM offpeak_shards)");
        engine.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(1, (await engine.Resume.RunOnceAsync()).Acted);
        Assert.Equal((await engine.ShardsAsync(id)).Max(shard => shard.Id), Assert.Single(engine.Queue.Waiting).Item.Id);
    }

    [Fact]
    public async Task RunOnce_without_grace_at_start_up_picks_up_what_is_due_now()
    {
        await using var engine = await Engine.StartAsync();
        await SubmitAndLoseChainAsync(engine);
        engine.Time.Advance(FirstDelay);

        Assert.Equal(1, (await engine.Resume.RunOnceAsync(TimeSpan.Zero)).Acted);
    }

    private static async Task<long> SubmitAndLoseChainAsync(Engine engine)
    {
        var id = await engine.SubmitAsync();
        engine.Queue.Take();
        return id;
    }

    private sealed class BrokenTracker : Offpeak.Diagnostics.IErrorReporter
    {
        public void Report(Exception exception, string component, long? batchId) => throw new InvalidOperationException("the tracker is down");
    }
}
