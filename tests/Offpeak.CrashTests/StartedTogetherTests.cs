using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>
/// Processes that start in the same instant on a database with overdue poll chains, as after a deploy: none may end the chains that another one
/// has begun.
/// </summary>
public sealed class StartedTogetherTests
{
    private const int Entries = Workload.EntryCount;

    // Far less than the interval of the sweep, far more than a busy machine needs.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    public static TheoryData<int, int> Trials =>
        new(from trial in Enumerable.Range(1, Math.Max(1, RandomKillTests.Runs / 100)) from workers in (int[])[2, 3, 4] select (workers, trial));

    [Theory]
    [MemberData(nameof(Trials))]
    public Task Workers_started_together_revive_every_chain(int workers, int trial)
    {
        _ = trial;
        return ReviveAsync(Scenario.Chains, workers);
    }

    /// <summary>Leaves overdue chains behind, starts workers at once, and waits until every chain is polled and goes on to its end.</summary>
    internal static async Task ReviveAsync(Scenario scenario, int count)
    {
        await using var run = await CrashRun.BeginAsync(scenario);
        await LeaveChainsAsync(run);
        var before = Polls(run);
        var workers = Enumerable.Range(0, count).Select(_ => run.Start(run.Worker with { Submits = false, Gate = run.Gate })).ToList();
        foreach (var worker in workers)
            await run.InTimeAsync(ct => worker.HearsAsync(WorkerWords.Ready, ct));

        await File.WriteAllTextAsync(run.Gate, "");
        await run.InTimeAsync(ct => UntilAsync(() => Polls(run).All(poll => poll.Value > before[poll.Key]), ct), Soon);
        // A chain that is dead is polled no more: nobody would see that its batch has ended.
        await run.InTimeAsync(ct => UntilAsync(() => HaveEnded(run, scenario, workers), ct), Soon);
        foreach (var worker in workers)
        {
            Assert.True(worker.ExitCode == 0 && worker.HasSaid(WorkerWords.Done), run.Story());
        }

        run.Check();
    }

    private static async Task LeaveChainsAsync(CrashRun run)
    {
        await using var first = run.Start(run.Worker);
        await run.InTimeAsync(ct => first.HearsAsync(WorkerWords.Submitted, ct));
        await run.InTimeAsync(ct => UntilAsync(() => Polls(run).Count == Entries, ct));
        first.Kill();
        await run.InTimeAsync(first.EndsAsync);
    }

    // Each round has to wait for the provider again.
    private static bool HaveEnded(CrashRun run, Scenario scenario, List<WorkerProcess> workers)
    {
        run.Provider.Pass(scenario.BatchDuration);
        return workers.TrueForAll(worker => worker.HasEnded);
    }

    private static Dictionary<object, int> Polls(CrashRun run) => run.Database
        .Read("SELECT id, poll_generation + poll_attempt FROM offpeak_shards WHERE next_poll_at IS NOT NULL;")
        .ToDictionary(row => row[0]!, row => row.Number(1));

    private static async Task UntilAsync(Func<bool> isSo, CancellationToken ct)
    {
        while (!isSo())
            await Task.Delay(Glance, TimeProvider.System, ct);
    }
}
