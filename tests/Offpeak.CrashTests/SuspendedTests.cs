using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>
/// A process suspended (SIGSTOP, as a virtual machine is) for longer than its lease, while another one finishes the work; then it goes on from
/// where it was, and must neither lose nor repeat anything.
/// </summary>
public sealed class SuspendedTests
{
    private static readonly string[] All =
    [
        "SubmitClaimed", "ProviderIdJournalled:2", "CreateBegun", "CreateBegun:3", "CreateReturned", "CreateReturned:3", "SubmitRecorded", "ReplyLost",
        "PollClaimed", "StatusRead", "EndRecorded:2", "ChunkApplied", "ChunkApplied:5", "ResultsRead", "ResultsRecorded", "RoundPlanned",
        "BatchFinished", "DispatchClaimed", "OutsideWritten", "HandlerReturned", "DispatchRecorded",
        "Before/TryBeginSubmitAsync", "After/TryBeginSubmitAsync:2",
        "Before/TryPlanShardAsync:5", "After/TryPlanShardAsync:5",
        "Before/TryChangeShardAsync:2", "Before/TryChangeShardAsync:6", "Before/TryChangeShardAsync:12",
        "Before/TryChangeBatchAsync:2", "Before/TryChangeBatchAsync:3",
        "Before/ApplyResultsAsync", "After/ApplyResultsAsync:3",
        "After/ResumePollsAsync:2", "After/FindUnsettledAsync:2", "After/FindDueDispatchesAsync:2",
        "Before/ReadResultsAsync",
    ];

    public static TheoryData<string> Points => new(CrashPoints.Sample(All, 4));

    [Theory]
    [MemberData(nameof(Points))]
    public Task A_worker_that_was_suspended_does_no_harm(string point) => SuspendAsync(Scenario.Suspended, point, worker => worker);

    /// <summary>Suspends a worker at a point, has another one finish the batch, and lets the first go on.</summary>
    internal static async Task SuspendAsync(Scenario scenario, string point, Func<WorkerSettings, WorkerSettings> tell)
    {
        await using var run = await CrashRun.BeginAsync(scenario);
        await using var suspended = run.Start(run.Worker with { StopAt = point });
        await run.InTimeAsync(suspended.IsSuspendedAsync);
        Assert.False(suspended.HasEnded, $"{point} was never reached.\n{run.Story()}");
        await using (var other = run.Start(tell(run.Worker with { Submits = false })))
        {
            await run.InTimeAsync(other.EndsAsync);
            Assert.True(other.ExitCode == 0 && other.HasSaid(WorkerWords.Done), run.Story());
        }

        suspended.GoOn();
        await run.InTimeAsync(suspended.EndsAsync);
        Assert.True(suspended.ExitCode == 0 && suspended.HasSaid(WorkerWords.Done), run.Story());
        run.Check();
    }
}
