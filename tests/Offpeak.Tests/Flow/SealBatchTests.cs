using Microsoft.Extensions.DependencyInjection;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class SealBatchTests
{
    [Fact]
    public async Task Submit_cuts_shards_by_count()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 3 };
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.SubmitAsync(7);

        Assert.Equal([3, 3, 1], (await engine.ShardsAsync(id)).Select(shard => shard.EntryCount));
        Assert.Equal([3, 3, 1], world.Provider.Batches.OrderBy(batch => batch.Entries[0].CustomId).Select(batch => batch.Entries.Count));
    }

    [Fact]
    public async Task Submit_cuts_shards_by_bytes()
    {
        using var world = new World();
        var entry = FakeCodec.Body("e1").Length + SubmissionKey.New().WireId(long.MaxValue).Length + 10;
        world.Provider.Capabilities = new ProviderCapabilities { MaxBytes = 2 * entry, EntryOverheadBytes = 10 };
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.SubmitAsync(5);

        Assert.Equal([2, 2, 1], (await engine.ShardsAsync(id)).Select(shard => shard.EntryCount));
    }

    [Fact]
    public async Task Submit_cuts_shards_by_model()
    {
        await using var engine = await Engine.StartAsync();
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/small"))).Id;
        await engine.Client.AddEntriesAsync(id, [Engine.Entry("a"), Engine.Entry("b", "large"), Engine.Entry("c"), Engine.Entry("d", "large")]);
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();

        var shards = await engine.ShardsAsync(id);
        Assert.Equal([("small", 2), ("large", 2)], shards.Select(shard => (shard.Model, shard.EntryCount)));
        var large = engine.Provider.Batches.Single(batch => batch.Model == "large");
        Assert.Equal(["b", "d"], large.Entries.Select(entry => entry.CustomId));
    }

    [Fact]
    public async Task Submit_tells_the_provider_the_exact_size_beforehand()
    {
        await using var engine = await Engine.StartAsync();
        Submission? seen = null;
        engine.Provider.BeforeCreate = submission =>
        {
            seen = submission;
            return Task.CompletedTask;
        };
        await engine.SubmitAsync(12);

        var sent = engine.Provider.Only.Entries;
        Assert.Equal(sent.Sum(entry => (long)entry.Body.Length), seen!.BodyBytes);
        Assert.Equal(sent.Sum(entry => (long)entry.WireId.Length), seen.WireIdBytes);
        Assert.Equal(12, seen.EntryCount);
    }

    [Fact]
    public async Task Submit_interrupted_between_shards_goes_on_when_it_is_called_again()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 2 };
        var planned = 0;
        var probe = new FlowProbe { OnReached = point => _ = point == FlowPoint.ShardPlanned && ++planned == 2 ? throw new IOException("killed") : point };
        await using (var first = await Engine.StartAsync(world, more: services => services.AddSingleton(probe)))
        {
            var interrupted = await first.BuildAsync(5);
            await Assert.ThrowsAsync<IOException>(() => first.Client.SubmitAsync(interrupted));
        }

        await using var second = await Engine.StartAsync(world);
        await second.Submit.RunOnceAsync();
        Assert.Empty(world.Provider.Batches);
        await second.Client.SubmitAsync(1);
        await second.Submit.RunOnceAsync();

        Assert.Equal([1, 2, 3], (await second.ShardsAsync(1)).Select(shard => shard.Number));
        Assert.Equal(5, world.Provider.Batches.Sum(batch => batch.Entries.Count));
        Assert.Equal(5, world.Provider.Batches.SelectMany(batch => batch.Entries).Select(entry => entry.CustomId).Distinct().Count());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Submit_that_others_get_in_the_way_of_is_tried_three_times(int times, bool succeeds)
    {
        using var world = new World();
        await using var other = await Engine.StartAsync(world);
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.BuildAsync();
        var plans = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "TryPlanShardAsync" && ++plans <= times)
                other.Client.AddEntriesAsync(id, [Engine.Entry($"late-{plans}")]).GetAwaiter().GetResult();
        };

        var error = await Record.ExceptionAsync(() => engine.Client.SubmitAsync(id));

        Assert.Equal(3, plans);
        if (succeeds)
            Assert.Null(error);
        else
            Assert.Equal(OffpeakErrorCode.InvalidState, Assert.IsType<OffpeakException>(error).Code);
    }

    [Fact]
    public async Task Submit_of_a_batch_whose_cancel_is_noted_is_refused_for_that()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Store.RequestCancelAsync(id, CancellationToken.None);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(id));

        Assert.Contains("is being cancelled", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_twice_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(id));

        Assert.Equal(OffpeakErrorCode.InvalidState, error.Code);
        Assert.Contains("already submitted", error.Message, StringComparison.Ordinal);
        Assert.Single(engine.Provider.Batches);
    }

    [Fact]
    public async Task Submit_by_two_callers_at_once_lets_one_of_them_through()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var id = await one.BuildAsync(50);

        var outcomes = await Task.WhenAll(TrySubmitAsync(one, id), TrySubmitAsync(two, id));
        await one.Submit.RunOnceAsync();

        Assert.Single(outcomes, succeeded => succeeded);
        Assert.Equal(50, world.Provider.Batches.Sum(batch => batch.Entries.Count));
    }

    [Fact]
    public async Task Submit_of_an_empty_batch_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);

        Assert.Equal(OffpeakErrorCode.EmptyBatch, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(id))).Code);
    }

    [Fact]
    public async Task Submit_of_an_unknown_batch_is_refused()
    {
        await using var engine = await Engine.StartAsync();

        Assert.Equal(OffpeakErrorCode.BatchNotFound, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(404))).Code);
    }

    private static async Task<bool> TrySubmitAsync(Engine engine, long id)
    {
        try
        {
            await engine.Client.SubmitAsync(id);
            return true;
        }
        catch (OffpeakException)
        {
            return false;
        }
    }
}
