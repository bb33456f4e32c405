using Microsoft.Extensions.Options;
using Offpeak.Batches;
using Offpeak.Flow.Advance;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

/// <summary>An account's queue of tokens that is smaller than what is to be sent.</summary>
public sealed class CapacityTests
{
    private const int Room = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shard_that_alone_does_not_fit_is_halved_until_it_does(bool refusedAtTheCreateCall)
    {
        await using var engine = await Engine.StartAsync();
        if (refusedAtTheCreateCall)
            engine.Provider.BeforeCreate = submission => submission.Shard.EntryCount > Room ? throw Full() : Task.CompletedTask;
        else
            engine.Provider.OnStatus = batch => Task.FromResult(batch.Entries.Count > Room ? Refused() : Ended());

        var id = await engine.SubmitAsync(10);
        await GoOnAsync(engine, id, hours: 40);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.SucceededCount));
        Assert.InRange(engine.Provider.Batches.Count, 4, 16);
        Assert.Equal(10, engine.Provider.Batches.Where(sent => sent.Entries.Count <= Room).Sum(sent => sent.Entries.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Shard_is_cut_at_the_second_refusal_and_what_it_left_at_the_provider_is_cleaned_up(bool journals)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Journals = journals;
        engine.Provider.BeforeCreate = submission => submission.Shard.EntryCount > Room ? throw Full() : Task.CompletedTask;

        var id = await engine.SubmitAsync(6);
        Assert.Equal(ShardStatus.Pending, Assert.Single(await engine.ShardsAsync(id)).Status);
        engine.Time.Advance(TimeSpan.FromHours(1));
        var next = await engine.Get<WorkSteps>().RunAsync(new WorkItem(WorkKind.Submit, (await engine.ShardAsync(id)).Id), CancellationToken.None);

        var shards = await engine.ShardsAsync(id);
        Assert.Equal(shards.Skip(1).Select(half => new WorkItem(WorkKind.Submit, half.Id)), next);
        Assert.Equal((3, FailureCodes.Split), (shards.Count, shards[0].FailureCode));
        Assert.Equal(journals, shards[0].NextCleanUpAt is not null);
        Assert.All(shards.Skip(1), half => Assert.Equal(3, half.EntryCount));
    }

    [Fact]
    public async Task Batch_whose_shard_was_cut_and_whose_parts_are_refused_has_failed()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = submission => throw (submission.Shard.EntryCount > Room ? Full() : Fault.Refused());
        var id = await engine.SubmitAsync(6);
        await GoOnAsync(engine, id, hours: 6);

        Assert.Empty(engine.Provider.Batches);
        Assert.Equal((BatchStatus.Failed, 6), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).FailedCount));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Queue_that_others_fill_for_half_a_day_does_not_grind_a_batch_to_dust(bool refusedAtTheCreateCall)
    {
        await using var engine = await Engine.StartAsync();
        if (refusedAtTheCreateCall)
            engine.Provider.BeforeCreate = _ => throw Full();
        else
            engine.Provider.OnStatus = _ => Task.FromResult(Refused());

        var id = await engine.SubmitAsync(256);
        for (var minute = 0; minute < 12 * 60; minute++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(1));
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
        }

        Assert.InRange((await engine.ShardsAsync(id)).Count(shard => !shard.Status.IsTerminal()), 2, 16);
    }

    [Fact]
    public async Task Shard_that_fits_into_the_queue_as_its_size_is_known_is_never_cut()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxEnqueuedTokens["fake"] = 10_000);
        engine.Provider.BeforeCreate = _ => throw Full();
        var id = await engine.SubmitAsync(10);
        await GoOnAsync(engine, id, hours: 24);

        Assert.Equal(ShardStatus.Pending, Assert.Single(await engine.ShardsAsync(id)).Status);
    }

    [Fact]
    public async Task Shard_that_its_status_refuses_twice_is_cut_and_its_halves_are_next()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnStatus = _ => Task.FromResult(Refused());
        var id = await engine.SubmitAsync(6);
        await engine.PollAsync(id);
        Assert.Equal(ShardStatus.Pending, Assert.Single(await engine.ShardsAsync(id)).Status);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        var shard = await engine.ShardAsync(id);

        var next = await engine.Get<WorkSteps>().RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), CancellationToken.None);

        var shards = await engine.ShardsAsync(id);
        Assert.Equal(3, shards.Count);
        Assert.Equal(shards.Skip(1).Select(half => new WorkItem(WorkKind.Submit, half.Id)), next);
    }

    [Fact]
    public async Task Shard_that_its_status_refuses_waits_as_long_as_the_schedule_says_first()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.OnStatus = _ => Task.FromResult(Refused());
        var id = await engine.SubmitAsync(6);
        await engine.PollAsync(id);

        Assert.Equal(engine.Now.AddMinutes(1), (await engine.ShardAsync(id)).NextSubmitAt);
    }

    [Fact]
    public async Task Shard_that_runs_at_last_is_not_cut_however_often_it_was_refused()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(6);
        for (var hour = 0; hour < 3; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
        }

        engine.Provider.BeforeCreate = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        await engine.PollAsync(id);

        Assert.Equal((ShardStatus.InProgress, null), (Assert.Single(await engine.ShardsAsync(id)).Status, (await engine.ShardAsync(id)).Trouble));
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Shard_waits_as_it_is_while_another_of_ours_is_in_the_queue()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 5 };
        engine.Provider.BeforeCreate = _ => engine.Provider.Batches.Any(sent => sent.Snapshot.State == ProviderBatchState.Running) ? throw Full() : Task.CompletedTask;
        var id = await engine.SubmitAsync(10);
        for (var hour = 0; hour < 5; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
        }

        Assert.Equal([ShardStatus.Submitted, ShardStatus.Pending], (await engine.ShardsAsync(id)).Select(shard => shard.Status));

        engine.Provider.Set(ProviderBatchState.Ended);
        await GoOnAsync(engine, id, hours: 3);
        Assert.Equal(10, (await engine.BatchAsync(id)).SucceededCount);
        Assert.Equal(2, engine.Provider.Batches.Count);
    }

    [Fact]
    public async Task One_entry_that_never_fits_is_reported_once_and_given_up_in_the_end()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Full();
        var id = await engine.SubmitAsync();
        await GoOnAsync(engine, id, hours: 24 * 8);

        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
        Assert.Single(engine.Reports, report => report.Exception.Message.Contains("no room even for one entry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Limit_on_enqueued_tokens_counts_over_batches_and_processes()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world);
        await using var two = await Engine.StartAsync(world);
        var running = await one.SubmitAsync(3);
        var most = (await one.ShardAsync(running)).EnqueuedTokens * 3 / 2;
        two.Get<IOptions<OffpeakOptions>>().Value.MaxEnqueuedTokens["fake/model-1"] = most;

        var waiting = await two.SubmitAsync(3);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Capacity), ((await two.ShardAsync(waiting)).Status, (await two.ShardAsync(waiting)).Trouble!.Class));
        Assert.Single(world.Provider.Batches);

        world.Provider.Set(ProviderBatchState.Ended);
        await one.PollAsync(running);
        world.Time.Advance(TimeSpan.FromHours(1));
        await two.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await two.ShardAsync(waiting)).Status);
    }

    [Fact]
    public async Task Large_shard_is_not_passed_for_ever_by_small_ones_that_come_later()
    {
        await using var engine = await Engine.StartAsync();
        var running = await engine.SubmitAsync();
        var most = (await engine.ShardAsync(running)).EnqueuedTokens * 3;
        var large = await WaitWithAsync(engine, most);

        var passed = 0;
        for (var hour = 0; hour < 10 && (await engine.ShardAsync(large)).ProviderBatchId is null; hour++)
        {
            var next = await engine.SubmitAsync();
            passed += (await engine.ShardAsync(next)).ProviderBatchId is null ? 0 : 1;
            engine.Time.Advance(TimeSpan.FromHours(1));
            EndOldest(engine);
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
        }

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(large)).Status);
        Assert.InRange(passed, 1, 2);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(90, false)]
    [InlineData(300, true)]
    public async Task Small_shard_waits_for_a_large_one_that_has_waited_and_is_still_tried(int minutes, bool passes)
    {
        await using var engine = await Engine.StartAsync();
        var running = await engine.SubmitAsync();
        var large = await WaitWithAsync(engine, (await engine.ShardAsync(running)).EnqueuedTokens * 3);
        engine.Time.Advance(TimeSpan.FromMinutes(minutes));
        if (minutes < 100)
            await engine.Submit.RunOnceAsync();

        // Nobody sweeps any more: whoever is in the foreground does not wait for others that nobody tries.
        var small = await engine.BuildAsync();
        await engine.Client.SubmitAsync(small);
        await engine.RunAsync(new WorkItem(WorkKind.Submit, (await engine.ShardAsync(small)).Id));

        Assert.Null((await engine.ShardAsync(large)).ProviderBatchId);
        Assert.Equal(passes, (await engine.ShardAsync(small)).ProviderBatchId is not null);
    }

    [Fact]
    public async Task Cancelled_shard_holds_up_nobody()
    {
        await using var engine = await Engine.StartAsync();
        var running = await engine.SubmitAsync();
        var large = await WaitWithAsync(engine, (await engine.ShardAsync(running)).EnqueuedTokens * 3);
        engine.Time.Advance(TimeSpan.FromMinutes(90));
        await engine.Submit.RunOnceAsync();
        await engine.Store.RequestCancelAsync(large, CancellationToken.None);

        Assert.NotNull((await engine.ShardAsync(await engine.SubmitAsync())).ProviderBatchId);
    }

    [Fact]
    public async Task Shards_are_planned_no_larger_than_the_limit_on_enqueued_tokens()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxEnqueuedTokens["fake"] = 10);
        var id = await engine.SubmitAsync(10);

        var shards = await engine.ShardsAsync(id);
        Assert.All(shards, shard => Assert.InRange(shard.EnqueuedTokens, 1, 10));
        Assert.Equal((10, 1), (shards.Sum(shard => shard.EntryCount), shards.Count(shard => shard.Status == ShardStatus.Submitted)));
    }

    // A shard that takes the whole queue alone, while something small is in it.
    private static async Task<long> WaitWithAsync(Engine engine, long most)
    {
        engine.Get<IOptions<OffpeakOptions>>().Value.MaxEnqueuedTokens["fake"] = most;
        var large = (await engine.Client.CreateAsync(new NewBatch("fake/model-1"))).Id;
        await engine.Client.AddEntriesAsync(large, [NewEntry.FromBody("large", FakeCodec.Body(new string('x', (int)most * 4)))]);
        await engine.Client.SubmitAsync(large);
        await engine.Submit.RunOnceAsync();
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Capacity), ((await engine.ShardAsync(large)).Status, (await engine.ShardAsync(large)).Trouble!.Class));
        return large;
    }

    private static void EndOldest(Engine engine) =>
        engine.Provider.Batches.First(sent => sent.Snapshot.State == ProviderBatchState.Running).Snapshot = Ended();

    private static async Task GoOnAsync(Engine engine, long id, int hours)
    {
        for (var hour = 0; hour < hours && !(await engine.BatchAsync(id)).Status.IsTerminal(); hour++)
        {
            if (engine.Provider.OnStatus is null)
                engine.Provider.Set(ProviderBatchState.Ended);

            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
            await engine.Expire.RunOnceAsync();
        }
    }

    private static ProviderException Full() => new(ProviderErrorClass.Capacity, "The queue is full.");

    private static ProviderSnapshot Ended() => new() { State = ProviderBatchState.Ended };

    private static ProviderSnapshot Refused() => new()
    {
        State = ProviderBatchState.Failed,
        Failure = new ProviderFailure(ProviderErrorClass.Capacity, "token_limit_exceeded", "Enqueued token limit reached."),
    };
}
