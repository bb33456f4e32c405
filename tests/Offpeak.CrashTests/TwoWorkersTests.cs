using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>Two processes at once on one database, one of them killed; the other finishes the work.</summary>
public sealed class TwoWorkersTests
{
    public static TheoryData<string> Deaths => ["SubmitClaimed", "CreateBegun", "CreateReturned:2", "StatusRead:2", "ChunkApplied", "DispatchClaimed"];

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task The_worker_that_submitted_dies_and_the_other_one_finishes(string death)
    {
        await using var run = await CrashRun.BeginAsync(Scenario.Usual);
        await using var helper = run.Start(run.Worker with { Submits = false });
        await run.InTimeAsync(ct => helper.HearsAsync(WorkerWords.Started, ct));
        await using var submitter = run.Start(run.Worker with { KillAt = death });
        await run.InTimeAsync(helper.EndsAsync);
        await run.InTimeAsync(submitter.EndsAsync);
        Assert.True(helper.ExitCode == 0, run.Story());
        run.Check();
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task The_helper_dies_and_the_one_that_submitted_finishes(string death)
    {
        await using var run = await CrashRun.BeginAsync(Scenario.Usual);
        await using var helper = run.Start(run.Worker with { Submits = false, KillAt = death });
        await run.InTimeAsync(ct => helper.HearsAsync(WorkerWords.Started, ct));
        await run.FinishAsync();
        await run.InTimeAsync(helper.EndsAsync);
        run.Check();
    }
}
