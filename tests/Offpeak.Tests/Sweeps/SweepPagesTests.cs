using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Sweeps;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>What all sweeps have in common.</summary>
public sealed class SweepPagesTests
{
    [Theory]
    [InlineData("resume_stalled_polls", 1, false)]
    [InlineData("reconcile_submissions", 2, false)]
    [InlineData("submit_pending_batches", 3, false)]
    [InlineData("expire_stuck_batches", 4, true)]
    [InlineData("clean_up_provider_files", 5, true)]
    [InlineData("purge_old_batches", 6, true)]
    public async Task Sweep_has_the_interval_that_is_set_for_it_and_is_shared_if_one_run_is_enough_for_all(string name, int minutes, bool shared)
    {
        await using var engine = await Engine.StartAsync(options =>
        {
            options.ResumeInterval = TimeSpan.FromMinutes(1);
            options.ReconcileInterval = TimeSpan.FromMinutes(2);
            options.SubmitInterval = TimeSpan.FromMinutes(3);
            options.ExpireInterval = TimeSpan.FromMinutes(4);
            options.CleanUpInterval = TimeSpan.FromMinutes(5);
            options.PurgeInterval = TimeSpan.FromMinutes(6);
        });

        var sweep = engine.Get<IEnumerable<ISweep>>().Single(sweep => sweep.Name.Value == name);

        Assert.Equal((TimeSpan.FromMinutes(minutes), shared), (sweep.Interval, sweep.IsShared));
        Assert.Single(SweepName.All, known => known.ToString() == name);
    }

    [Fact]
    public void Name_of_no_sweep_is_an_empty_text() => Assert.Equal("", default(SweepName).ToString());

    [Fact]
    public async Task Page_that_cannot_be_read_is_reported_and_counted_and_nothing_is_thrown()
    {
        await using var engine = await Engine.StartAsync();
        engine.Hooks.OnVerb = verb => ThrowAt(verb, new InvalidOperationException("the disk is gone"));

        Assert.Equal(new SweepResult(0, 0, 1), await engine.Submit.RunOnceAsync());

        var report = Assert.Single(engine.Reports);
        Assert.Equal(("submit_pending_batches", null, "the disk is gone"), (report.Component, report.BatchId, report.Exception.Message));
    }

    [Fact]
    public async Task Sweep_that_is_stopped_says_so_and_reports_nothing()
    {
        await using var engine = await Engine.StartAsync();
        using var stop = new CancellationTokenSource();
        engine.Hooks.OnVerb = verb =>
        {
            stop.Cancel();
            ThrowAt(verb, new OperationCanceledException(stop.Token));
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.Submit.RunOnceAsync(ct: stop.Token));

        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Sweep_that_did_nothing_writes_no_line_into_the_log()
    {
        await using var engine = await Engine.StartAsync();
        await engine.Submit.RunOnceAsync();
        Assert.DoesNotContain(engine.World.Logs.Lines, line => line.Text.StartsWith("submit_pending_batches:", StringComparison.Ordinal));

        await engine.SubmitAsync();

        Assert.Single(engine.World.Logs.Lines, line => line.Text == "submit_pending_batches: 1 found, 1 acted on, 0 failed.");
    }

    [Fact]
    public async Task Sweep_of_which_something_failed_writes_a_line_into_the_log()
    {
        await using var engine = await Engine.StartAsync();
        engine.Hooks.OnVerb = verb => ThrowAt(verb, new InvalidOperationException("the disk is gone"));
        await engine.Submit.RunOnceAsync();

        Assert.Single(engine.World.Logs.Lines, line => line.Text == "submit_pending_batches: 0 found, 0 acted on, 1 failed.");
    }

    [Fact]
    public async Task Shard_of_a_provider_that_nobody_registers_any_more_is_looked_at_after_thirty_days_and_given_up_after_as_many_again()
    {
        using var world = new World();
        await using var before = await Engine.StartAsync(world, more: services => services.AddSingleton<IBatchProvider>(new FakeProvider("gone")));
        var id = await before.SubmitAsync(1, new NewBatch("gone/model-1"));
        await using var after = await Engine.StartAsync(world);
        world.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(default, await after.Expire.RunOnceAsync());
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new SweepResult(1, 0, 0), await after.Expire.RunOnceAsync());
        world.Time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Equal(new SweepResult(1, 0, 0), await after.Expire.RunOnceAsync());
        world.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new SweepResult(1, 1, 0), await after.Expire.RunOnceAsync());

        Assert.Equal(ShardStatus.Expired, (await after.ShardAsync(id)).Status);
    }

    private static void ThrowAt(string verb, Exception error)
    {
        if (verb == nameof(IOffpeakStore.FindSubmitsDueAsync))
            throw error;
    }
}
