using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Interleavings;

/// <summary>
/// Two steps of two processes in every order of their verbs that changes sides at most twice, with and without a change that takes longer
/// than a lease. <c>OFFPEAK_INTERLEAVE_CHANGES</c> sets another number. After it, sweeps alone must bring the batch to its right end.
/// </summary>
public sealed class EveryInterleavingTests
{
    private const int Entries = 3;

    private static readonly int MostChanges =
        int.TryParse(Environment.GetEnvironmentVariable("OFFPEAK_INTERLEAVE_CHANGES"), out var changes) ? changes : 2;

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
        ["dispatch/dispatch"] = new(FinishedAsync, (bed, one) => one.DeliverAsync(), (bed, two) => two.Resume.RunOnceAsync()),
        ["retry/retry"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => two.Client.RetryAsync(bed.Id)),
        ["retry/dispatch"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => two.DeliverAsync()),
        ["retry/resume"] = new(RefusedAsync, (bed, one) => one.Client.RetryAsync(bed.Id), (bed, two) => two.Resume.RunOnceAsync()),
    };

    public static TheoryData<string, bool> All
    {
        get
        {
            var all = new TheoryData<string, bool>();
            foreach (var name in Scenes.Keys)
            {
                all.Add(name, false);
                all.Add(name, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Two_steps_in_any_order_of_their_verbs_end_as_one_after_the_other(string scene, bool leaseRunsOut)
    {
        var left = new Stack<IReadOnlyList<int>>([[]]);
        var runs = 0;
        while (left.TryPop(out var turns))
        {
            runs++;
            var interleaver = new Interleaver(turns, leaseRunsOut ? TimeSpan.FromMinutes(3) : null);
            try
            {
                await RunAsync(Scenes[scene], interleaver);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{scene}, turns {string.Join("", turns)} and on: {error.Message}", error);
            }

            foreach (var other in interleaver.Alternatives(MostChanges))
                left.Push(other);
        }

        TestContext.Current.SendDiagnosticMessage($"{scene}, {(leaseRunsOut ? "suspended" : "at once")}: {runs} orders");
        Assert.True(runs > 3, $"Only {runs} orders were tried.");
    }

    private static async Task RunAsync(Scene scene, Interleaver interleaver)
    {
        using var world = new World();
        var handler = new ScriptedHandler();
        await using var one = await StartAsync(world, handler, "one");
        await using var two = await StartAsync(world, handler, "two");
        var bed = new Bed(handler);
        bed.Id = await scene.Prepare(one, bed);
        await interleaver.RunAsync(world, (one, () => QuietAsync(scene.One(bed, one))), (two, () => QuietAsync(scene.Two(bed, two))));
        await SettleAsync(two, bed);
        await CheckAsync(two, bed, scene, interleaver.Suspends);
    }

    private static Task<Engine> StartAsync(World world, ScriptedHandler handler, string name) => Engine.StartAsync(
        world,
        options => options.IngestChunkSize = 2,
        services => services.AddSingleton<WorkerIdentity>(new TestWorker(name)).AddSingleton(handler),
        offpeak => offpeak.AddHandler<ScriptedHandler>("scripted"));

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
        await engine.PollAsync(id);
        return id;
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
        await engine.Submit.RunOnceAsync();
        engine.Provider.BeforeCreate = null;
        return id;
    }

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
            Assert.Equal(bed.Handler.Runs.Distinct().Count(), bed.Handler.Runs.Count);
    }
}
