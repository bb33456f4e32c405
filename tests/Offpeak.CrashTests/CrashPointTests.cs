using Offpeak.CrashTests.Worker;
using Offpeak.Diagnostics;
using Offpeak.Storage;

namespace Offpeak.CrashTests;

/// <summary>A process killed at each point of the flow; the next one finishes the work, and nothing is lost or done twice.</summary>
public sealed class CrashPointTests
{
    public static TheoryData<string, string> Points => new(CrashPoints.Sample(CrashPoints.InTheFlow, 2));

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_batch_survives_a_kill(string scenario, string deaths) => CrashRun.SurviveAsync(Scenario.Named(scenario), deaths);

    [Fact]
    public void Every_point_of_the_flow_is_a_crash_point()
    {
        var points = Enum.GetNames<FlowPoint>().Concat(Enum.GetNames<WorkerPoint>());
        Assert.Empty(points.Except(CrashPoints.Names()));
    }

    [Fact]
    public void Every_verb_of_the_store_is_a_crash_point_on_both_sides()
    {
        var verbs = typeof(IOffpeakStore).GetMethods().Select(method => method.Name).Except(CrashPoints.Spared.Keys);
        Assert.Empty(verbs.SelectMany(verb => (string[])[KillingStore.Before(verb), KillingStore.After(verb)]).Except(CrashPoints.Names()));
    }
}
