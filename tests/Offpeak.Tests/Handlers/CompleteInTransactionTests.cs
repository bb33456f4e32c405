using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Diagnostics;
using Offpeak.Handlers;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Handlers;

/// <summary>A handler that writes in a transaction on Offpeak's database: its effects happen exactly once.</summary>
public sealed class CompleteInTransactionTests
{
    [Fact]
    public async Task CompleteIn_commits_the_handlers_writes_and_the_mark_together()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, outcome => WriteAsync(world, outcome, commit: true));
        var id = await FinishAsync(engine);
        await RecoverAsync(engine);

        Assert.Equal(1, await EffectsAsync(world));
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task CompleteIn_handler_that_fails_before_the_commit_leaves_no_effect_and_runs_again()
    {
        using var world = new World();
        var runs = 0;
        await using var engine = await StartAsync(world, async outcome =>
        {
            await WriteAsync(world, outcome, commit: ++runs > 1);
            if (runs == 1)
                throw new InvalidOperationException("killed before the commit");
        });
        var id = await FinishAsync(engine);
        Assert.Null((await engine.BatchAsync(id)).HandlerDispatchedAt);
        Assert.Equal(0, await EffectsAsync(world));

        await RecoverAsync(engine);

        Assert.Equal((2, 1), (runs, await EffectsAsync(world)));
    }

    [Fact]
    public async Task CompleteIn_process_that_dies_after_the_commit_has_its_effect_exactly_once()
    {
        using var world = new World();
        var probe = new FlowProbe { OnReached = point => _ = point == FlowPoint.HandlerReturned ? throw new OperationCanceledException("killed") : point };
        long id;
        await using (var first = await StartAsync(world, outcome => WriteAsync(world, outcome, commit: true), probe))
            id = await FinishAsync(first);
        await using var second = await StartAsync(world, outcome => WriteAsync(world, outcome, commit: true));
        await RecoverAsync(second);
        await RecoverAsync(second);

        Assert.Equal(1, await EffectsAsync(world));
        Assert.NotNull((await second.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task CompleteIn_transaction_that_outlasts_the_lease_may_go_on_because_nobody_else_can_have_it()
    {
        using var world = new World();
        Engine? engine = null;
        var handler = new ScriptedHandler
        {
            OnRunCancellable = (outcome, ct) => WriteAsync(world, outcome, commit: true, beforeCommit: () =>
            {
                engine!.Hooks.OnVerb = _ => throw new InvalidOperationException("The database is locked.");
                world.Time.Advance(2 * new OffpeakOptions().LeaseDuration);
                engine.Hooks.OnVerb = null;
                ct.ThrowIfCancellationRequested();
            }),
        };
        await using var started = engine = await StartAsync(world, handler);
        var id = await FinishAsync(engine);

        Assert.Equal(1, await EffectsAsync(world));
        Assert.NotNull((await engine.BatchAsync(id)).HandlerDispatchedAt);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task CompleteIn_run_that_lost_its_lease_is_told_and_rolls_back()
    {
        using var world = new World();
        Engine? engine = null;
        OffpeakException? told = null;
        await using var started = engine = await StartAsync(world, async outcome =>
        {
            await engine!.ExecuteAsync("UPDATE offpeak_batches SET lease_owner = 'other', version = version + 1");
            told = await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(world, outcome, commit: true));
        });
        var id = await FinishAsync(engine);

        Assert.Equal(OffpeakErrorCode.LeaseLost, told!.Code);
        Assert.Equal(0, await EffectsAsync(world));
        Assert.Null((await engine.BatchAsync(id)).HandlerDispatchedAt);
    }

    [Fact]
    public async Task CompleteIn_run_that_another_has_overtaken_and_finished_rolls_back()
    {
        using var world = new World();
        Engine? engine = null;
        var runs = 0;
        await using var started = engine = await StartAsync(world, async outcome =>
        {
            if (++runs > 1)
            {
                await WriteAsync(world, outcome, commit: true);
                return;
            }

            await engine!.ExecuteAsync("UPDATE offpeak_batches SET lease_owner = NULL, lease_until = NULL, version = version + 1");
            await RecoverAsync(engine);
            await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(world, outcome, commit: true));
        });
        await FinishAsync(engine);

        Assert.Equal((2, 1), (runs, await EffectsAsync(world)));
    }

    private static async Task WriteAsync(World world, BatchOutcome outcome, bool commit, Action? beforeCommit = null)
    {
        await using var connection = new SqliteConnection($"Data Source={world.Path}");
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = connection.CreateCommand();
        insert.Transaction = (SqliteTransaction)transaction;
        insert.CommandText = "CREATE TABLE IF NOT EXISTS effects (id TEXT); INSERT INTO effects VALUES ($id)";
        insert.Parameters.AddWithValue("$id", outcome.DispatchId);
        await insert.ExecuteNonQueryAsync();
        await outcome.CompleteInAsync(transaction);
        beforeCommit?.Invoke();
        if (commit)
            await transaction.CommitAsync();
    }

    private static async Task<long> EffectsAsync(World world)
    {
        await using var connection = new SqliteConnection($"Data Source={world.Path}");
        await connection.OpenAsync();
        await using var count = connection.CreateCommand();
        count.CommandText = "CREATE TABLE IF NOT EXISTS effects (id TEXT); SELECT count(*) FROM effects";
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private static Task<Engine> StartAsync(World world, Func<BatchOutcome, Task> run, FlowProbe? probe = null) =>
        StartAsync(world, new ScriptedHandler { OnRun = run }, probe);

    private static Task<Engine> StartAsync(World world, ScriptedHandler handler, FlowProbe? probe = null) => Engine.StartAsync(
        world,
        more: services => services.AddSingleton(handler).AddSingleton(probe ?? new FlowProbe()),
        build: build => build.AddHandler<ScriptedHandler>("scripted"));

    private static async Task<long> FinishAsync(Engine engine)
    {
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        return id;
    }

    private static async Task RecoverAsync(Engine engine)
    {
        engine.Time.Advance(TimeSpan.FromMinutes(15));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
    }
}
