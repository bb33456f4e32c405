using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>
/// Processes killed at random moments, several in a row. <c>OFFPEAK_CRASH_RUNS</c> is the number of runs together with those at the named
/// points; <c>OFFPEAK_CRASH_SEED</c> replays the kills of one run, as closely as a race can be replayed.
/// </summary>
public sealed class RandomKillTests
{
    private const int DefaultRuns = 0;
    private const int LeastRandomRuns = 20;
    private const int LongestLife = 1_500;
    private const int PointsInALife = 900;

    /// <summary>How many runs are wanted in all.</summary>
    internal static int Runs { get; } = int.TryParse(Environment.GetEnvironmentVariable("OFFPEAK_CRASH_RUNS"), out var wanted) ? wanted : DefaultRuns;

    public static TheoryData<int> Seeds => new(ChooseSeeds());

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Seeds))]
    public async Task A_batch_survives_kills_at_random_times(int seed)
    {
        var random = new Random(seed);
        await using var run = await CrashRun.BeginAsync(Choose(random));
        var kills = 0;
        try
        {
            for (var lives = random.Next(1, 4); lives > 0; lives--)
                kills += await LiveAsync(run, random) ? 1 : 0;
            await run.FinishAsync();
            run.Check();
        }
        catch (Exception error)
        {
            Assert.Fail($"Seed {seed}; replay with OFFPEAK_CRASH_SEED={seed}.\n{error.Message}");
        }

        RunLog.Add($"seed {seed}", kills, run.Recovery);
    }

    /// <returns>Whether the worker was killed before it was done.</returns>
    private static async Task<bool> LiveAsync(CrashRun run, Random random)
    {
        var killsItself = random.Next(2) == 0;
        var settings = killsItself ? run.Worker with { KillAt = $"Any:{random.Next(1, PointsInALife)}" } : run.Worker;
        var afterStart = random.Next(3) > 0;
        var delay = TimeSpan.FromMilliseconds(random.Next(LongestLife));
        await using var worker = run.Start(settings);
        if (!killsItself)
        {
            await run.InTimeAsync(ct => afterStart ? worker.HearsAsync(WorkerWords.Started, ct) : Task.CompletedTask);
            await Task.WhenAny(Task.Delay(delay, TimeProvider.System), worker.EndsAsync(CancellationToken.None));
            worker.Kill();
        }

        await run.InTimeAsync(worker.EndsAsync);
        return worker.ExitCode == WorkerProcess.Killed;
    }

    private static Scenario Choose(Random random) => random.Next(7) switch
    {
        0 => Scenario.LostCall,
        1 => Scenario.NoRoom,
        2 => Scenario.Crowded,
        3 => Scenario.Structured,
        _ => Scenario.Usual,
    };

    private static IEnumerable<int> ChooseSeeds()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("OFFPEAK_CRASH_SEED"), out var seed))
            return [seed];

        var first = Random.Shared.Next(1_000_000) * 1_000;
        return Enumerable.Range(first, Math.Max(LeastRandomRuns, Runs - CrashPoints.All.Count()));
    }
}
