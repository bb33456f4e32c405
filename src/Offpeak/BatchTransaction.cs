using Offpeak.Flow;
using Offpeak.Flow.Submit;
using Offpeak.Storage;

namespace Offpeak;

/// <summary>What can be done with batches inside a caller's own transaction, see <see cref="BatchClient.In"/>. Not for concurrent use.</summary>
public class BatchTransaction
{
    private readonly IOffpeakStore store = null!;
    private readonly MakeBatch make = null!;
    private readonly AddEntries add = null!;
    private readonly SubmitBatch submit = null!;

    /// <summary>For tests that derive a double; its members do nothing useful until they are overridden.</summary>
    protected BatchTransaction()
    {
    }

    internal BatchTransaction(IOffpeakStore store, MakeBatch make, AddEntries add, SubmitBatch submit) =>
        (this.store, this.make, this.add, this.submit) = (store, make, add, submit);

    /// <inheritdoc cref="BatchClient.CreateAsync"/>
    public virtual async Task<BatchInfo> CreateAsync(NewBatch description, CancellationToken cancellationToken = default) =>
        new(await make.RunAsync(description, store, cancellationToken));

    /// <inheritdoc cref="BatchClient.AddEntriesAsync(long, IEnumerable{NewEntry}, CancellationToken)"/>
    public virtual Task AddEntriesAsync(long batchId, IEnumerable<NewEntry> entries, CancellationToken cancellationToken = default) =>
        add.RunAsync(batchId, entries.ToAsyncEnumerable(), cancellationToken);

    /// <summary>Submits a batch, once; the submit holds when the caller's transaction commits.</summary>
    /// <exception cref="OffpeakException">The batch is empty, over its budget, was already submitted, or does not exist.</exception>
    public virtual async Task SubmitAsync(long batchId, CancellationToken cancellationToken = default) => await submit.RunAsync(batchId, cancellationToken);
}
