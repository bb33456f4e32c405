using Offpeak.Batches;
using Offpeak.Cli.Output;

namespace Offpeak.Cli.Tests.Output;

public sealed class DetachedTests
{
    [Theory]
    [InlineData("Detached from batch 7: nothing has been sent yet. Run the same command again to send it.")]
    [InlineData("Detached from batch 7: nothing has been sent yet. Run the same command again to send it.", null, null)]
    [InlineData("Detached from batch 7: nothing is lost; 1 of 2 provider batches are sent and go on. Run the same command again to send the rest.", "b-1", null)]
    [InlineData("Detached from batch 7: nothing is lost and the provider works on. Run the same command again to go on.", "b-1", "b-2")]
    public void Whoever_leaves_is_told_what_goes_on_without_him(string expected, params string?[] sent) => Assert.Equal(
        expected,
        Detached.Of(new BatchDetails(
            new BatchInfo { Id = 7, Name = "n", Provider = "openai", Model = "openai/m", Status = BatchStatus.Running },
            [.. sent.Select(id => new ShardInfo { ShardId = 1, Model = "openai/m", Status = ShardStatus.Pending, ProviderBatchId = id })],
            default!)));
}
