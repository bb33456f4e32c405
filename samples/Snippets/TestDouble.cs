#region test-double
using Offpeak;
using Offpeak.Batches;
#endregion

namespace Snippets;

internal static class TestDouble
{
    #region test-double
    public sealed class FinishedBatch : BatchClient
    {
        public override Task<BatchInfo?> FindAsync(long batchId, CancellationToken cancellationToken = default) => Task.FromResult<BatchInfo?>(
            new BatchInfo { Id = batchId, Name = "nightly", Provider = "openai", Model = "openai/gpt-5-nano", Status = BatchStatus.Completed });

        public override IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(long batchId, CancellationToken cancellationToken = default) =>
            new[] { new EntryOutcome { CustomId = "1", Status = EntryStatus.Succeeded, Text = "Paris" } }.ToAsyncEnumerable();
    }
    #endregion
}
