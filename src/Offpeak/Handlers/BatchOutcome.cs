using System.Data.Common;
using Offpeak.Batches;

namespace Offpeak.Handlers;

/// <summary>A finished batch, as its handler sees it.</summary>
public sealed class BatchOutcome
{
    private readonly EntryReader entries;
    private readonly Func<DbTransaction, CancellationToken, Task> completeIn;

    internal BatchOutcome(Batch batch, int attempt, EntryReader entries, Func<DbTransaction, CancellationToken, Task> completeIn)
    {
        Batch = batch;
        Attempt = attempt;
        this.entries = entries;
        this.completeIn = completeIn;
    }

    /// <summary>The batch, with its counts and cost.</summary>
    public Batch Batch { get; }

    /// <summary>The same text in every attempt: use it to recognise work that is already done.</summary>
    public string DispatchId => Batch.DispatchId!;

    /// <summary>Which run this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>Streams the entries with their answers, in input order.</summary>
    public IAsyncEnumerable<EntryOutcome> ReadEntriesAsync(CancellationToken cancellationToken = default) =>
        entries.ReadAsync(Batch, cancellationToken);

    /// <summary>
    /// Marks the dispatch as done inside the handler's own transaction on Offpeak's database, so that the handler's writes and the mark
    /// commit together: its effects then happen exactly once.
    /// </summary>
    /// <exception cref="OffpeakException">Another run has taken over; let the transaction roll back.</exception>
    public Task CompleteInAsync(DbTransaction transaction, CancellationToken cancellationToken = default) => completeIn(transaction, cancellationToken);
}
