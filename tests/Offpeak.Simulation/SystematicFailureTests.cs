using Offpeak.Simulation.World;

namespace Offpeak.Simulation;

/// <summary>One small batch on a quiet day, but the N-th call fails: for every N, until a run is no longer touched.</summary>
public class SystematicFailureTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failing_store_call_never_stops_a_batch(bool failsAfterEffect)
    {
        var calls = Calls(Plan.HappyPath()).Store;
        Assert.Empty(SeedRunner.RunMany(1, calls, call => Calls(Plan.HappyPath(failingStoreCall: call, failsAfterEffect: failsAfterEffect))));
    }

    [Fact]
    public void A_failing_provider_call_never_stops_a_batch()
    {
        var calls = Calls(Plan.HappyPath()).Provider;
        Assert.Empty(SeedRunner.RunMany(1, calls, call => Calls(Plan.HappyPath(failingProviderCall: call))));
    }

    private static (int Store, int Provider) Calls(Plan plan)
    {
        using var world = new World.Simulation(plan, seed: 1, faulty: false, new Coverage(), traceEverything: false);
        SeedRunner.Run(world, $"Store call {plan.FailingStoreCall}, provider call {plan.FailingProviderCall}");
        return (world.StoreCalls, world.ProviderCalls);
    }
}
