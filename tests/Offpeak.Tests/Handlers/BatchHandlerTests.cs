using Offpeak.Batches;
using Offpeak.Handlers;

namespace Offpeak.Tests.Handlers;

public sealed class BatchHandlerTests
{
    [Theory]
    [InlineData(BatchStatus.Completed, "success,completion")]
    [InlineData(BatchStatus.Failed, "failure,completion")]
    [InlineData(BatchStatus.Expired, "failure,completion")]
    [InlineData(BatchStatus.Canceled, "failure,completion")]
    public async Task Handle_calls_the_method_for_the_outcome_and_then_completion(BatchStatus status, string expected)
    {
        var handler = new Recorder();

        await handler.HandleAsync(new BatchOutcome(new Batch { Status = status }, 1, null!, (_, _) => Task.CompletedTask), default);

        Assert.Equal(expected, string.Join(',', handler.Calls));
    }

    [Fact]
    public async Task Handle_error_in_the_outcome_method_skips_completion_and_is_passed_on()
    {
        var handler = new Recorder { Fails = true };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => handler.HandleAsync(new BatchOutcome(new Batch { Status = BatchStatus.Completed }, 1, null!, (_, _) => Task.CompletedTask), default));

        Assert.Equal(["success"], handler.Calls);
    }

    private sealed class Recorder : BatchHandler
    {
        public List<string> Calls { get; } = [];

        public bool Fails { get; init; }

        protected override Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("success");
            return Fails ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        }

        protected override Task OnFailureAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("failure");
            return Task.CompletedTask;
        }

        protected override Task OnCompletionAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            Calls.Add("completion");
            return Task.CompletedTask;
        }
    }
}
