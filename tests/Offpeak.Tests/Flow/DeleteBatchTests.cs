using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class DeleteBatchTests
{
    // More than two chunks.
    private const int Many = 5_000;

    [Fact]
    public async Task A_delete_that_was_killed_half_way_is_finished_by_the_resume_sweep()
    {
        using var world = new World();
        var id = await KilledHalfWayAsync(world);
        await using var next = await Engine.StartAsync(world);

        await next.Resume.RunOnceAsync();
        await next.DeliverAsync();

        Assert.Null(await next.Store.FindBatchAsync(id, default));
        Assert.Equal((0L, 0L), (await next.CountAsync("offpeak_entries"), await next.CountAsync("offpeak_entry_results")));
        Assert.Equal(default, await next.Resume.RunOnceAsync());
    }

    [Fact]
    public async Task A_delete_that_was_killed_half_way_is_finished_by_the_next_call()
    {
        using var world = new World();
        var id = await KilledHalfWayAsync(world);
        await using var next = await Engine.StartAsync(world);

        await next.Client.DeleteAsync(id);

        Assert.Null(await next.Store.FindBatchAsync(id, default));
    }

    [Fact]
    public async Task A_half_deleted_batch_is_found_by_nobody_and_refuses_everything_in_one_sentence()
    {
        using var world = new World();
        var id = await KilledHalfWayAsync(world);
        await using var engine = await Engine.StartAsync(world);
        var client = engine.Client;

        Assert.Null(await client.FindAsync(id));
        Assert.Null(await client.FindByInputKeyAsync("k"));
        Assert.Empty(await client.ListAsync());
        foreach (var use in (Func<Task>[])
        [
            () => client.GetAsync(id), () => client.RetryAsync(id), () => client.CancelAsync(id), () => client.ChangeBudgetAsync(id, 1m),
            () => client.WaitAsync(id), () => client.AddEntriesAsync(id, [Engine.Entry("late")]), () => engine.EntriesAsync(id), () => client.RunToEndAsync(id),
        ])
        {
            var refused = await Assert.ThrowsAsync<OffpeakException>(use);
            Assert.Equal((OffpeakErrorCode.InvalidState, $"Batch {id} is being deleted."), (refused.Code, refused.Message));
        }

        Assert.NotEqual(id, (await client.GetOrCreateAsync(new NewBatch("fake/model-1") { InputKey = "k" })).Id);
    }

    [Fact]
    public async Task A_parked_handler_that_is_released_during_a_delete_is_given_nothing()
    {
        using var world = new World();
        var handler = new ScriptedHandler { OnRun = _ => throw new InvalidOperationException("broken") };
        await using var engine = await StartAsync(world, handler);
        await using var other = await StartAsync(world, handler);
        var id = await FinishedAsync(engine, Many, new NewBatch("fake/model-1") { Handler = "scripted" });
        Assert.NotNull((await engine.BatchAsync(id)).DispatchParkedAt);
        var runs = handler.Runs.Count;
        Exception? refused = null;
        InSecondChunk(engine, () => refused = Record.Exception(() => { other.Client.RetryAsync(id).GetAwaiter().GetResult(); }));

        await engine.Client.DeleteAsync(id);
        await other.Resume.RunOnceAsync();
        await other.DeliverAsync();

        Assert.Equal($"Batch {id} is being deleted.", refused?.Message);
        Assert.Equal(runs, handler.Runs.Count);
        Assert.Null(await engine.Store.FindBatchAsync(id, default));
    }

    [Fact]
    public async Task A_release_that_looked_before_the_delete_began_is_refused()
    {
        using var world = new World();
        var handler = new ScriptedHandler { OnRun = _ => throw new InvalidOperationException("broken") };
        await using var engine = await StartAsync(world, handler);
        await using var other = await StartAsync(world, handler);
        var id = await FinishedAsync(engine, 1, new NewBatch("fake/model-1") { Handler = "scripted" });
        InChunk(engine, 1, () => throw new KilledException());
        other.Hooks.Once("TryChangeBatchAsync", () => Assert.ThrowsAsync<KilledException>(() => engine.Client.DeleteAsync(id)));

        var refused = await Assert.ThrowsAsync<OffpeakException>(() => other.Client.RetryAsync(id));

        Assert.Equal($"Batch {id} is being deleted.", refused.Message);
    }

    [Fact]
    public async Task Nothing_changes_a_batch_once_its_deletion_has_begun()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        InChunk(engine, 1, () => throw new KilledException());
        await Assert.ThrowsAsync<KilledException>(() => engine.Client.DeleteAsync(id));
        engine.Hooks.OnVerb = null;
        var deleting = await engine.BatchAsync(id);

        Assert.Null(await engine.Store.TryChangeBatchAsync(deleting, new BatchChange { MaxCost = 1m }, default));
        Assert.Null((await engine.Store.RequestCancelAsync(id, default))!.CancelRequestedAt);

        Assert.Equal(deleting, await engine.BatchAsync(id));
    }

    [Fact]
    public async Task Releasing_an_input_key_does_not_stop_a_delete()
    {
        using var world = new World();
        await using var engine = await Engine.StartAsync(world);
        await using var other = await Engine.StartAsync(world);
        var id = await FinishedAsync(engine, 3, new NewBatch("fake/model-1") { InputKey = "k" });
        InChunk(engine, 1, () => other.Client.ReleaseInputKeyAsync("k").GetAwaiter().GetResult());

        await engine.Client.DeleteAsync(id);

        Assert.Null(await engine.Store.FindBatchAsync(id, default));
    }

    [Fact]
    public async Task A_delete_that_lost_its_batch_half_way_says_so_and_is_finished_by_the_sweep()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishedAsync(engine, Many);
        InSecondChunk(engine, () => engine.ExecuteAsync("UPDATE offpeak_batches SET version = version + 1;").GetAwaiter().GetResult());

        var said = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.DeleteAsync(id));
        Assert.Contains("next sweep", said.Message);
        engine.Hooks.OnVerb = null;
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();

        Assert.Null(await engine.Store.FindBatchAsync(id, default));
    }

    [Fact]
    public async Task Two_deletes_at_once_both_return_when_the_batch_is_gone()
    {
        using var world = new World();
        await using var engine = await Engine.StartAsync(world);
        await using var other = await Engine.StartAsync(world);
        var id = await FinishedAsync(engine, Many);
        InSecondChunk(engine, () => other.Client.DeleteAsync(id).GetAwaiter().GetResult());

        await engine.Client.DeleteAsync(id);

        Assert.Null(await engine.Store.FindBatchAsync(id, default));
    }

    [Fact]
    public async Task Entries_that_are_deleted_while_they_are_read_do_not_pass_for_a_whole_batch()
    {
        await using var engine = await Engine.StartAsync();
        var id = await FinishedAsync(engine, Many);
        var read = 0;

        var said = await Assert.ThrowsAsync<OffpeakException>(async () =>
        {
            await foreach (var entry in engine.Client.ReadEntriesAsync(id))
            {
                if (++read == 1)
                    await engine.Client.DeleteAsync(id);
            }
        });

        Assert.InRange(read, 1, Many - 1);
        Assert.Contains($"{Many - read:N0} of them are missing", said.Message);
    }

    private static Task<Engine> StartAsync(World world, ScriptedHandler handler) => Engine.StartAsync(
        world,
        options => options.HandlerMaxAttempts = 1,
        services => services.AddSingleton(handler),
        build => build.AddHandler<ScriptedHandler>("scripted"));

    private static async Task<long> FinishedAsync(Engine engine, int entries, NewBatch? description = null)
    {
        var id = await engine.SubmitAsync(entries, description);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.True((await engine.BatchAsync(id)).Status.IsTerminal());
        return id;
    }

    private static async Task<long> KilledHalfWayAsync(World world)
    {
        await using var engine = await Engine.StartAsync(world);
        var id = await FinishedAsync(engine, Many, new NewBatch("fake/model-1") { InputKey = "k" });
        InSecondChunk(engine, () => throw new KilledException());
        await Assert.ThrowsAsync<KilledException>(() => engine.Client.DeleteAsync(id));
        Assert.InRange(await engine.CountAsync("offpeak_entries"), 1, Many - 1);
        return id;
    }

    private static void InSecondChunk(Engine engine, Action act) => InChunk(engine, 2, act);

    private static void InChunk(Engine engine, int number, Action act)
    {
        var chunks = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "StepEntriesAsync" && ++chunks == number)
                act();
        };
    }
}
