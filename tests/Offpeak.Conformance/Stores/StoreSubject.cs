using System.Data.Common;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>A store driver with a database of its own, empty and migrated.</summary>
public abstract class StoreSubject : IAsyncDisposable
{
    /// <summary>The finest step of the moments that it keeps.</summary>
    public virtual TimeSpan Resolution => TimeSpan.FromTicks(1);

    /// <summary>Makes the database.</summary>
    public abstract ValueTask StartAsync();

    /// <summary>Opens the store once more, as another process would.</summary>
    public abstract IOffpeakStore Open(TimeProvider clock);

    /// <summary>A connection of a host to the same database.</summary>
    public abstract Task<DbConnection> ConnectAsync();

    public abstract ValueTask DisposeAsync();
}
