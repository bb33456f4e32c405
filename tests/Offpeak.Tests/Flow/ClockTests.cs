using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Sqlite;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

/// <summary>A database whose clock is not the process's, as a server's may be: moments that are stored are compared with the database's.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan TwoHours = TimeSpan.FromHours(2);

    [Fact]
    public async Task Shard_that_is_due_is_submitted_by_a_process_whose_clock_is_behind()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, TwoHours);
        world.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        world.Provider.BeforeCreate = null;
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Shard_that_is_not_due_is_not_submitted_by_a_process_whose_clock_is_ahead()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, -TwoHours);
        world.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        world.Provider.BeforeCreate = null;
        await engine.RunAsync(new WorkItem(WorkKind.Submit, (await engine.ShardAsync(id)).Id));

        Assert.Equal(ShardStatus.Pending, (await engine.ShardAsync(id)).Status);
    }

    [Theory]
    [InlineData(-2, 0)]
    [InlineData(2, 0)]
    [InlineData(-2, 61)]
    [InlineData(2, 61)]
    public async Task Fallback_is_taken_when_the_databases_clock_says_so(int hours, int minutes)
    {
        using var world = new World();
        await using var engine = await StartAsync(world, TimeSpan.FromHours(hours));
        var id = await SubmitAsync(engine, TimeSpan.FromHours(1));
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
        world.Time.Advance(TimeSpan.FromMinutes(minutes));
        await engine.PollAsync(id);

        Assert.Equal(minutes > 60, !world.Provider.Canceled.IsEmpty);
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(2, true)]
    public async Task Next_round_is_the_fallbacks_when_the_databases_clock_says_so(int minutesPast, bool isFallback)
    {
        using var world = new World();
        await using var engine = await StartAsync(world, isFallback ? TwoHours : -TwoHours);
        var id = await SubmitAsync(engine, TimeSpan.FromHours(1));
        world.Provider.Answer = Results.Busy;
        world.Time.Advance(TimeSpan.FromMinutes(60 + minutesPast));
        world.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(isFallback ? "other" : "fake", (await engine.ShardAsync(id)).Provider);
    }

    [Fact]
    public async Task Next_poll_is_no_later_than_the_fallback_by_the_databases_clock()
    {
        using var world = new World();
        await using var engine = await StartAsync(world, TwoHours);
        var id = await SubmitAsync(engine, TimeSpan.FromMinutes(1.5));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.PollAsync(id);

        Assert.Equal((await engine.BatchAsync(id)).FallbackAt, (await engine.ShardAsync(id)).NextPollAt);
    }

    private static async Task<long> SubmitAsync(Engine engine, TimeSpan fallbackAfter)
    {
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Fallback = "other/m", FallbackAfter = fallbackAfter, MaxRounds = 3 });
        await engine.Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("a", "hi")]);
        await engine.Client.SubmitAsync(batch.Id);
        await engine.Submit.RunOnceAsync();
        return batch.Id;
    }

    private static Task<Engine> StartAsync(World world, TimeSpan ahead) => Engine.StartAsync(
        world,
        more: services => services.AddSingleton<IBatchProvider>(new FakeProvider("other")),
        build: offpeak => offpeak.Services.AddSingleton<IOffpeakStore>(_ => new SqliteStore(world.Path, new ShiftedClock(world.Time, ahead))));
}
