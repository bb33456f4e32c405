namespace Offpeak.CrashTests;

/// <summary>A process killed before and after each verb of the store.</summary>
public sealed class CrashVerbTests
{
    public static TheoryData<string, string> Points => new(CrashPoints.Sample(CrashPoints.AtVerbs, 4));

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_batch_survives_a_kill(string scenario, string deaths) => CrashRun.SurviveAsync(Scenario.Named(scenario), deaths);
}
