using System.Data.Common;

namespace Offpeak.Handlers;

/// <summary>A finished batch, as its handler sees it.</summary>
public sealed class BatchOutcome
{
    private readonly Func<CancellationToken, IAsyncEnumerable<EntryOutcome>> readEntries;
    private readonly Func<DbTransaction, CancellationToken, Task> completeIn;

    /// <summary>Makes an outcome, as the engine does; for tests of handlers.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="dispatchId">See <see cref="DispatchId"/>.</param>
    /// <param name="attempt">See <see cref="Attempt"/>.</param>
    /// <param name="readEntries">What <see cref="ReadEntriesAsync"/> streams.</param>
    /// <param name="completeIn">What <see cref="CompleteInAsync"/> does.</param>
    public BatchOutcome(
        BatchInfo batch,
        string dispatchId,
        int attempt,
        Func<CancellationToken, IAsyncEnumerable<EntryOutcome>> readEntries,
        Func<DbTransaction, CancellationToken, Task> completeIn)
    {
        Batch = batch;
        DispatchId = dispatchId;
        Attempt = attempt;
        this.readEntries = readEntries;
        this.completeIn = completeIn;
    }

    /// <summary>The batch, with its counts and cost.</summary>
    public BatchInfo Batch { get; }

    /// <summary>The same text in every attempt: use it to recognise work that is already done.</summary>
    public string DispatchId { get; }

    /// <summary>Which run this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>Streams the entries with their answers, in input order.</summary>
    public IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(CancellationToken cancellationToken = default) => readEntries(cancellationToken);

    /// <summary>
    /// Marks the dispatch as done inside the handler's own transaction on Offpeak's database, so that the handler's writes and the mark
    /// commit together: its effects then happen exactly once.
    /// </summary>
    /// <exception cref="LeaseLostException">Another run has taken over; let the transaction roll back.</exception>
    public Task CompleteInAsync(DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.Connection is null
            ? throw new InvalidOperationException("The transaction has already ended; call CompleteInAsync before it commits.")
            : completeIn(transaction, cancellationToken);
    }
}
