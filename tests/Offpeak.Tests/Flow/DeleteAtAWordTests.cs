using Offpeak.Batches;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class DeleteAtAWordTests
{
    [Fact]
    public async Task Delete_takes_what_was_never_sent()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(3);

        await engine.Client.DeleteAsync(id);

        Assert.Null(await engine.Client.FindAsync(id));
        Assert.Equal((0, 0), (await engine.CountAsync("offpeak_batches"), await engine.CountAsync("offpeak_entries")));
    }

    [Fact]
    public async Task Delete_takes_what_is_at_its_end_and_nothing_of_its_neighbour()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        await engine.FinishAsync(id);
        var other = await engine.SubmitAsync(2);

        await engine.Client.DeleteAsync(id);

        Assert.Null(await engine.Client.FindAsync(id));
        Assert.Equal(2, (await engine.EntriesAsync(other)).Count);
        Assert.Equal((1, 1), (await engine.CountAsync("offpeak_batches"), await engine.CountAsync("offpeak_shards")));
    }

    [Fact]
    public async Task Delete_of_a_running_batch_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);

        await AssertRefusedAsync(engine, id, "is not at its end");
    }

    [Fact]
    public async Task Delete_of_a_batch_whose_handler_is_due_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2, new NewBatch("fake/model-1") { Handler = "elsewhere" });
        await engine.FinishAsync(id);
        Assert.NotNull((await engine.BatchAsync(id)).NextDispatchAt);

        await AssertRefusedAsync(engine, id, "The handler 'elsewhere'");
    }

    [Fact]
    public async Task Delete_without_the_handler_drops_one_that_nobody_has()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2, new NewBatch("fake/model-1") { Handler = "elsewhere" });
        await engine.FinishAsync(id);

        await engine.Client.DeleteAsync(id, withoutHandler: true);

        Assert.Equal(0, await engine.CountAsync("offpeak_batches"));
    }

    [Fact]
    public async Task Delete_without_the_handler_waits_for_no_running_batch()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);

        var refusal = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.DeleteAsync(id, withoutHandler: true));

        Assert.Contains("is not at its end", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_first_deletes_what_is_left_at_the_provider()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(2);
        await engine.FinishAsync(id);
        engine.Provider.OnCleanUp = null;

        await engine.Client.DeleteAsync(id);

        Assert.Equal(2, engine.Provider.CleanedUp.Count);
        Assert.Equal(0, await engine.CountAsync("offpeak_batches"));
    }

    [Fact]
    public async Task Delete_of_a_batch_that_has_left_files_at_the_provider_is_refused_until_they_are_gone()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(2);
        await engine.FinishAsync(id);

        await AssertRefusedAsync(engine, id, "left at fake could not be deleted: The provider is down.");

        engine.Provider.OnCleanUp = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.CleanUp.RunOnceAsync();
        await engine.Client.DeleteAsync(id);
    }

    [Fact]
    public async Task Delete_without_the_clean_up_leaves_what_cannot_be_deleted_at_the_provider()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnCleanUp = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(2);
        await engine.FinishAsync(id);

        await engine.Client.DeleteAsync(id, withoutHandler: false, withoutCleanUp: true);

        Assert.Equal(0, await engine.CountAsync("offpeak_batches"));
    }

    [Fact]
    public async Task Delete_of_a_batch_that_is_changed_at_that_moment_is_refused()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var id = await one.BuildAsync(2);
        one.Hooks.Once(nameof(IOffpeakStore.TryChangeBatchAsync), () => two.Client.SubmitAsync(id));

        await AssertRefusedAsync(one, id, "changed by somebody else");

        Assert.Equal(BatchStatus.Running, (await one.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Delete_that_was_interrupted_is_gone_on_with()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(2);
        engine.Hooks.Once(nameof(IOffpeakStore.DeleteBatchAsync), () => throw new KilledException());
        await Assert.ThrowsAsync<KilledException>(() => engine.Client.DeleteAsync(id));
        Assert.Equal(1, await engine.CountAsync("offpeak_batches"));

        await engine.Client.DeleteAsync(id);

        Assert.Equal(0, await engine.CountAsync("offpeak_batches"));
    }

    private static async Task AssertRefusedAsync(Engine engine, long id, string reason)
    {
        var refusal = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.DeleteAsync(id));

        Assert.Equal(OffpeakErrorCode.InvalidState, refusal.Code);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await engine.EntriesAsync(id)).Count);
    }
}
