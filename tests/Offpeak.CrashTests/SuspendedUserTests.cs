namespace Offpeak.CrashTests;

/// <summary>A process that is suspended while a user cancels, has failures asked again, or has the batch deleted.</summary>
public sealed class SuspendedUserTests
{
    [Theory]
    [InlineData("Before/TryBeginSubmitAsync:2")]
    [InlineData("CreateReturned")]
    [InlineData("StatusRead")]
    [InlineData("Before/ApplyResultsAsync:2")]
    [InlineData("Before/TryPlanShardAsync:5")]
    public Task A_batch_is_cancelled_meanwhile(string point) =>
        SuspendedTests.SuspendAsync(Scenario.SuspendedAndCanceled, point, worker => worker with { Cancels = true });

    [Theory]
    [InlineData("StatusRead")]
    [InlineData("Before/ApplyResultsAsync:2")]
    [InlineData("Before/TryPlanShardAsync:5")]
    [InlineData("Before/TryChangeBatchAsync:3")]
    [InlineData("OutsideWritten")]
    [InlineData("HandlerReturned")]
    public Task Failures_are_asked_again_meanwhile(string point) =>
        SuspendedTests.SuspendAsync(Scenario.SuspendedAndRetried, point, worker => worker with { Retries = true });

    [Theory]
    [InlineData("CreateReturned")]
    [InlineData("Before/ApplyResultsAsync:2")]
    [InlineData("Before/TryPlanShardAsync:5")]
    [InlineData("OutsideWritten")]
    [InlineData("HandlerReturned")]
    public Task A_batch_is_deleted_meanwhile(string point) =>
        SuspendedTests.SuspendAsync(Scenario.SuspendedAndPurged, point, worker => worker);
}
