namespace Offpeak.CrashTests;

/// <summary>A process killed around the calls of each provider.</summary>
public sealed class CrashProviderTests
{
    public static TheoryData<string, string> Points => new(CrashPoints.Sample(CrashPoints.AtProviders, 4));

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_batch_survives_a_kill(string scenario, string deaths) => CrashRun.SurviveAsync(Scenario.Named(scenario), deaths);
}
