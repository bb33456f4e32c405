using Microsoft.Extensions.Hosting;

namespace Offpeak.Storage;

/// <summary>Brings the database to this version's schema when the host starts, before any worker runs.</summary>
public sealed class DatabaseMigration : IHostedLifecycleService
{
    private readonly Func<CancellationToken, Task> migrate;

    internal DatabaseMigration(Func<CancellationToken, Task> migrate) => this.migrate = migrate;

    /// <summary>Migrates now; for programs without a host.</summary>
    /// <exception cref="OffpeakException">The database cannot be used; the message says what to do.</exception>
    public Task RunAsync(CancellationToken cancellationToken = default) => migrate(cancellationToken);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => migrate(cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
