using Offpeak.Storage;

namespace Offpeak;

/// <summary>Brings the database to this version's schema. A host does it by itself when it starts; programs without one call it.</summary>
public sealed class DatabaseSetup
{
    private readonly IOffpeakStore store;

    internal DatabaseSetup(IOffpeakStore store) => this.store = store;

    /// <summary>Makes or upgrades Offpeak's tables, in one transaction. Nearly free when there is nothing to do; harmless from many processes at once.</summary>
    /// <exception cref="OffpeakException">The database cannot be used (<see cref="OffpeakErrorCode.Database"/>); the message says why.</exception>
    public Task RunAsync(CancellationToken cancellationToken = default) => store.MigrateAsync(cancellationToken);

    /// <summary>Looks for Offpeak's tables and makes none: for programs that only read.</summary>
    /// <exception cref="OffpeakException">The database cannot be used (<see cref="OffpeakErrorCode.Database"/>).</exception>
    public Task<FoundTables> FindTablesAsync(CancellationToken cancellationToken = default) => store.FindTablesAsync(cancellationToken);
}
