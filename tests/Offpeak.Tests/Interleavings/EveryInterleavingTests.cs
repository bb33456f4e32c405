using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.TestKit.Postgres;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Interleavings;

/// <summary>
/// Two steps of two processes in every order of their verbs that changes sides at most twice (once on PostgreSQL), with and without a change that
/// takes longer than a lease. <c>OFFPEAK_INTERLEAVE_CHANGES</c> sets another number. After it, sweeps alone must bring the batch to its right end.
/// </summary>
public sealed class EveryInterleavingTests
{
    private const int Entries = 3;

    private static readonly int? Changes =
        int.TryParse(Environment.GetEnvironmentVariable("OFFPEAK_INTERLEAVE_CHANGES"), out var changes) ? changes : null;

    private static readonly Dictionary<string, Scene> Scenes = new()
    {
        ["resume/resume"] = new(RunningAsync, (bed, one) => one.Resume.RunOnceAsync(), (bed, two) => two.Resume.RunOnceAsync()),
        ["resume/poll"] = new(RunningAsync, (bed, one) => one.Resume.RunOnceAsync(), (bed, two) => two.PollAsync(bed.Id)),
        ["poll/poll"] = new(EndedAsync, (bed, one) => one.PollAsync(bed.Id), (bed, two) => two.PollAsync(bed.Id)),
        ["poll/expire"] = new(OldAsync, (bed, one) => one.PollAsync(bed.Id), (bed, two) => two.Expire.RunOnceAsync()),
        ["poll/cancel"] = new(EndedAsync, (bed, one) => one.PollAsync(bed.Id), (bed, two) => two.Client.CancelAsync(bed.Id)),
        ["submit/submit"] = new(PlannedAsync, (bed, one) => one.Submit.RunOnceAsync(), (bed, two) => two.Submit.RunOnceAsync()),
        ["submit/cancel"] = new(PlannedAsync, (bed, one) => one.Submit.RunOnceAsync(), (bed, two) => two.Client.CancelAsync(bed.Id)) { MayCancel = true },
        ["begin/begin"] = new(BuiltAsync, (bed, one) => one.Client.SubmitAsync(bed.Id), (bed, two) => two.Client.SubmitAsync(bed.Id)),
        ["begin/cancel"] = new(BuiltAsync, (bed, one) => one.Client.SubmitAsync(bed.Id), (bed, two) => two.Client.CancelAsync(bed.Id)) { MayCancel = true },
        ["reconcile/reconcile"] = new(LostAsync, (bed, one) => one.Reconcile.RunOnceAsync(), (bed, two) => two.Reconcile.RunOnceAsync()),
        ["reconcile/cancel"] = new(LostAsync, (bed, one) => one.Reconcile.RunOnceAsync(), (bed, two) => two.Client.CancelAsync(bed.Id)),
        ["dispatch/dispatch"] = new(FinishedAsync, (bed, one) => DispatchAsync(bed, one), (bed, two) => DispatchAsync(bed, two)),
        ["retry/retry"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => two.Client.RetryAsync(bed.Id)),
        ["retry/dispatch"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => DispatchAsync(bed, two)),
        ["retry/resume"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => two.Resume.RunOnceAsync()),
    };

    public static TheoryData<string, string, bool> All
    {
        get
        {
            var all = new TheoryData<string, string, bool>();
            foreach (var name in Scenes.Keys)
            {
                foreach (var store in (string[])["sqlite", "postgresql"])
                {
                    all.Add(store, name, false);
                    all.Add(store, name, true);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Two_steps_in_any_order_of_their_verbs_end_as_one_after_the_other(string store, string scene, bool leaseRunsOut)
    {
        Assert.SkipUnless(store == "sqlite" || PostgresServer.CanRun, "PostgreSQL is not installed: apt-get install postgresql.");
        await using var rows = await Base.OpenAsync(store);
        var mostChanges = Changes ?? (store == "sqlite" ? 2 : 1);
        var left = new Stack<IReadOnlyList<int>>([[]]);
        var runs = 0;
        while (left.TryPop(out var turns))
        {
            runs++;
            var interleaver = new Interleaver(turns, leaseRunsOut ? TimeSpan.FromMinutes(3) : null);
            try
            {
                await RunAsync(Scenes[scene], rows, interleaver);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{store}, {scene}, turns {string.Join("", turns)} and on: {error.Message}", error);
            }

            foreach (var other in interleaver.Alternatives(mostChanges))
                left.Push(other);
        }

        TestContext.Current.SendDiagnosticMessage($"{store}, {scene}, {(leaseRunsOut ? "suspended" : "at once")}: {runs} orders");
        Assert.True(runs > 2, $"Only {runs} orders were tried.");
    }

    private static async Task RunAsync(Scene scene, Base rows, Interleaver interleaver)
    {
        using var world = new World();
        var handler = new ScriptedHandler();
        await using var one = await StartAsync(world, rows, handler, 0);
        await using var two = await StartAsync(world, rows, handler, 1);
        var bed = new Bed(handler);
        bed.Id = await scene.Prepare(one, bed);
        await interleaver.RunAsync(world, (one, () => QuietAsync(scene.One(bed, one))), (two, () => QuietAsync(scene.Two(bed, two))));
        await SettleAsync(two, bed);
        // A retry that came while the handler ran was refused; it is asked for again.
        if ((await two.BatchAsync(bed.Id)).Status == BatchStatus.Failed)
        {
            await two.Client.RetryAsync(bed.Id);
            await SettleAsync(two, bed);
        }

        await CheckAsync(two, bed, scene, interleaver.Suspends);
    }

    private static Task<Engine> StartAsync(World world, Base rows, ScriptedHandler handler, int side) => Engine.StartAsync(
        world,
        options => options.IngestChunkSize = 2,
        services => services.AddSingleton<WorkerIdentity>(new TestWorker($"process-{side}")).AddSingleton(handler),
        offpeak => rows.Use(offpeak.AddHandler<ScriptedHandler>("scripted"), side, world.Time));

    private static Task<long> BuiltAsync(Engine engine, Bed bed) => engine.BuildAsync(Entries, new NewBatch("fake/model-1") { Handler = "scripted" });

    private static async Task<long> PlannedAsync(Engine engine, Bed bed)
    {
        var id = await BuiltAsync(engine, bed);
        await engine.Client.SubmitAsync(id);
        return id;
    }

    private static async Task<long> RunningAsync(Engine engine, Bed bed)
    {
        var id = await PlannedAsync(engine, bed);
        await engine.Submit.RunOnceAsync();
        engine.Queue.Take();
        engine.Time.Advance(TimeSpan.FromHours(1));
        return id;
    }

    private static async Task<long> EndedAsync(Engine engine, Bed bed)
    {
        var id = await RunningAsync(engine, bed);
        engine.Provider.Set(ProviderBatchState.Ended);
        return id;
    }

    private static async Task<long> OldAsync(Engine engine, Bed bed)
    {
        var id = await EndedAsync(engine, bed);
        engine.Time.Advance(TimeSpan.FromHours(26));
        return id;
    }

    private static async Task<long> FinishedAsync(Engine engine, Bed bed)
    {
        var id = await EndedAsync(engine, bed);
        return await LeaveHandlerAsync(engine, bed, id, () => engine.PollAsync(id));
    }

    private static async Task<long> LostAsync(Engine engine, Bed bed)
    {
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await RunningAsync(engine, bed);
        engine.Provider.AfterCreate = null;
        return id;
    }

    private static async Task<long> RefusedAsync(Engine engine, Bed bed)
    {
        engine.Provider.BeforeCreate = _ => throw Fault.Refused();
        var id = await PlannedAsync(engine, bed);
        await LeaveHandlerAsync(engine, bed, id, () => engine.Submit.RunOnceAsync());
        engine.Provider.BeforeCreate = null;
        return id;
    }

    // The handler fails, and is due again.
    private static async Task<long> LeaveHandlerAsync(Engine engine, Bed bed, long id, Func<Task> finish)
    {
        bed.Handler.OnRun = _ => throw new InvalidOperationException("not yet");
        await finish();
        bed.Handler.OnRun = bed.HandleAsync;
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        return id;
    }

    private static Task DispatchAsync(Bed bed, Engine engine) => engine.RunAsync(new WorkItem(WorkKind.Dispatch, bed.Id));

    // Who comes second may be told so.
    private static async Task QuietAsync(Task act)
    {
        try
        {
            await act;
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.InvalidState)
        {
        }
    }

    private static async Task SettleAsync(Engine engine, Bed bed)
    {
        for (var tick = 0; tick < 12; tick++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(10));
            await engine.Reconcile.RunOnceAsync();
            await engine.Submit.RunOnceAsync();
            engine.Provider.Set(ProviderBatchState.Ended);
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
        }
    }

    private static async Task CheckAsync(Engine engine, Bed bed, Scene scene, bool suspends)
    {
        var batch = await engine.BatchAsync(bed.Id);
        Assert.True(batch.Status.IsTerminal(), $"The batch is {batch.Status}.");
        Assert.True(batch.HandlerDispatchedAt is not null, $"The handler of the {batch.Status} batch has not run: {batch.DispatchError}, next {batch.NextDispatchAt:O}, lease {batch.LeaseOwner} until {batch.LeaseUntil:O}, now {engine.Now:O}.");
        var paid = engine.Provider.Batches.SelectMany(made => made.Entries).Select(entry => entry.CustomId).ToList();
        Assert.Equal(paid.Distinct().Count(), paid.Count);
        var entries = await engine.EntriesAsync(bed.Id);
        Assert.All(entries, entry => Assert.True(entry.Status.IsTerminal(), $"An entry is {entry.Status}."));
        if (scene.MayCancel && paid.Count == 0)
            Assert.All(entries, entry => Assert.Equal(EntryStatus.Canceled, entry.Status));
        else
            Assert.All(entries, entry => Assert.Equal((EntryStatus.Succeeded, "answer " + entry.CustomId), (entry.Status, entry.Text)));

        Assert.Equal(entries.Count(entry => entry.Status == EntryStatus.Succeeded), batch.SucceededCount);
        Assert.All(await engine.ShardsAsync(bed.Id), shard => Assert.Null(shard.LeaseOwner));
        if (!suspends)
            Assert.Equal(bed.Handled.Distinct(), bed.Handled);
    }
}
