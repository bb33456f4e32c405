namespace Offpeak.Storage;

/// <summary>The fast path for rows that come in tens of thousands. Works inside the context's current transaction.</summary>
internal interface IBulkWriter
{
    /// <summary>Inserts entries with their request bodies, ids ascending in the given order.</summary>
    Task InsertEntriesAsync(OffpeakDbContext db, long batchId, IReadOnlyList<NewEntryRow> rows, CancellationToken cancellationToken);

    /// <summary>
    /// Applies results to entries that are still <c>submitted</c> in the given shard and stores their bodies. Rows whose entry has moved on
    /// are left alone.
    /// </summary>
    /// <returns>Number of entries changed.</returns>
    Task<int> ApplyResultsAsync(OffpeakDbContext db, long shardId, IReadOnlyList<ResultRow> rows, CancellationToken cancellationToken);
}
