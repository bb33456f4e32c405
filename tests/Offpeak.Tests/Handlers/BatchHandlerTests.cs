using Offpeak.Batches;
using Offpeak.Handlers;
using Offpeak.Storage;

namespace Offpeak.Tests.Handlers;

public sealed class BatchHandlerTests
{
    [Theory]
    [InlineData(BatchStatus.Completed, "completion,success")]
    [InlineData(BatchStatus.Failed, "completion,failure")]
    [InlineData(BatchStatus.Expired, "completion,failure")]
    [InlineData(BatchStatus.Canceled, "completion,failure")]
    public async Task Handle_calls_completion_and_then_the_method_for_the_outcome(BatchStatus status, string expected)
    {
        var handler = new Recorder();

        await handler.HandleAsync(Outcome(status), default);

        Assert.Equal(expected, string.Join(',', handler.Calls));
    }

    [Fact]
    public async Task Handle_error_in_completion_skips_the_outcome_method_and_is_passed_on()
    {
        var handler = new Recorder { Fails = true };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => handler.HandleAsync(Outcome(BatchStatus.Completed), default));

        Assert.Equal(["completion"], handler.Calls);
    }

    private static BatchOutcome Outcome(BatchStatus status) => new(
        new BatchInfo(new BatchRow { Status = status }), "1-1", 1, _ => AsyncEnumerable.Empty<EntryOutcome>(), (_, _) => Task.CompletedTask);

    private sealed class Recorder : BatchHandler
    {
        public List<string> Calls { get; } = [];

        public bool Fails { get; init; }

        protected override Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("success");
            return Task.CompletedTask;
        }

        protected override Task OnFailureAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("failure");
            return Task.CompletedTask;
        }

        protected override Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("completion");
            return Fails ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        }
    }
}
