using Offpeak.CrashTests.Worker;
using Offpeak.Diagnostics;

namespace Offpeak.CrashTests;

/// <summary>A process killed at each point of the flow; the next one finishes the work, and nothing is lost or done twice.</summary>
public sealed class CrashPointTests
{
    public static TheoryData<string, string> Points => new(CrashPoints.All);

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_batch_survives_a_kill(string scenario, string deaths)
    {
        await using var run = await CrashRun.BeginAsync(Scenario.Named(scenario));
        var points = deaths.Split(' ');
        foreach (var point in points)
            await run.DieAtAsync(point);
        await run.FinishAsync();
        run.Check();
        RunLog.Add($"{scenario} {deaths}", points.Length, run.Recovery);
    }

    [Fact]
    public void Every_point_of_the_flow_is_a_crash_point()
    {
        var covered = CrashPoints.All.SelectMany(row => row.Deaths.Split(' ')).Select(death => death.Split(':')[0]).ToHashSet();
        var points = Enum.GetNames<FlowPoint>().Concat(Enum.GetNames<WorkerPoint>());
        Assert.Empty(points.Except(covered));
    }
}
