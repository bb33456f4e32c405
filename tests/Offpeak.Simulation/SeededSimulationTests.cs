using System.Globalization;
using Offpeak.Simulation.World;

namespace Offpeak.Simulation;

/// <summary>
/// The real flow and sweeps in a simulated world, seed by seed. <c>OFFPEAK_SIM_SEEDS=N</c> runs more of them, <c>OFFPEAK_SIM_FIRST=K</c> begins
/// with another than the first, <c>OFFPEAK_SIM_SEED=K</c> shows one in full.
/// </summary>
public class SeededSimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 300;
    private const int EnoughForCoverage = 200;
    private const int ShownFailures = 5;

    [Fact]
    public void Every_seed_keeps_the_guarantees_and_together_they_reach_everything()
    {
        var coverage = new Coverage();
        if (Setting("OFFPEAK_SIM_SEED") is { } single)
        {
            SeedRunner.Run(single, coverage, output.WriteLine);
            return;
        }

        var seeds = Setting("OFFPEAK_SIM_SEEDS") ?? DefaultSeeds;
        var failures = SeedRunner.RunMany(Setting("OFFPEAK_SIM_FIRST") ?? 1, seeds, seed => SeedRunner.Run(seed, coverage));
        output.WriteLine(coverage.ToString());
        Assert.True(failures.Count == 0, Describe(failures, seeds));
        if (seeds >= EnoughForCoverage)
            Assert.True(coverage.NeverReached().Count == 0, $"Never reached: {string.Join(", ", coverage.NeverReached())}");
    }

    [Fact]
    public void A_run_is_a_function_of_its_seed() => Assert.Empty(SeedRunner.RunMany(1, 10, seed =>
    {
        var first = SeedRunner.Run(seed, new Coverage());
        if (first != SeedRunner.Run(seed, new Coverage()))
            throw new InvalidOperationException("Two runs of the seed differ.");
    }));

    private static string Describe(List<string> failures, int seeds) =>
        $"{failures.Count} of {seeds} seeds failed.\n{string.Join('\n', failures.Select(failure => failure.Split('\n')[0]))}\n\n"
        + string.Join("\n\n", failures.Take(ShownFailures));

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
