using Offpeak.Batches;
using Offpeak.Cli.Output;

namespace Offpeak.Cli.Tests.Output;

public sealed class DetachedTests
{
    private const string Again = "Run the same command again to go on.";

    [Theory]
    [InlineData("nothing has been sent yet.", ShardStatus.Pending)]
    [InlineData("nothing has been sent yet.", ShardStatus.Pending, null, null)]
    [InlineData("nothing is lost, and what has been sent is looked up then.", ShardStatus.Unconfirmed, null, null)]
    [InlineData("nothing is lost; 1 of 2 provider batches are sent and go on.", ShardStatus.Pending, "b-1", null)]
    [InlineData("nothing is lost and the provider works on.", ShardStatus.Submitted, "b-1", "b-2")]
    public void Whoever_leaves_is_told_what_goes_on_without_him(string expected, ShardStatus status, params string?[] sent) => Assert.Equal(
        $"Detached from batch 7: {expected} {Again}",
        Detached.Of(new BatchDetails(
            new BatchInfo { Id = 7, Name = "n", Provider = "openai", Model = "openai/m", Status = BatchStatus.Running },
            [.. sent.Select(id => new ShardInfo { ShardId = 1, Model = "openai/m", Status = status, ProviderBatchId = id })],
            default!)));
}
