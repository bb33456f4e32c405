using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Kit.Http;

/// <summary>
/// A time limit by the given clock that progress starts anew. Without a call to <see cref="Renew"/> it is a total limit. What foreign code has
/// registered on the token may throw when the limit passes, which ends nothing but the work.
/// </summary>
[Experimental("OFFPEAK001")]
public sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource source;
    private readonly Action<Exception>? failed;
    private readonly ITimer timer;

    /// <summary>Starts a limit, which the token ends too.</summary>
    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
        : this(limit, time, failed: null, cancellationToken)
    {
    }

    /// <param name="limit">The limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Hears what callbacks of the token threw when the limit passed.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    internal IdleLimit(TimeSpan limit, TimeProvider time, Action<Exception>? failed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.limit = limit;
        this.failed = failed;
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer = time.CreateTimer(static state => ((IdleLimit)state!).Pass(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the limit passes.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether the limit has passed.</summary>
    internal bool IsPassed { get; private set; }

    /// <summary>Starts the time anew.</summary>
    public void Renew() => EndIn(limit);

    /// <summary>Ends after another time than the limit from now on.</summary>
    internal void EndIn(TimeSpan left) => timer.Change(left, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose()
    {
        timer.Dispose();
        source.Dispose();
    }

    // Out of a timer's thread nobody would catch anything: the process would end.
    private void Pass()
    {
        IsPassed = true;
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work has ended in the same moment.
        }
        catch (Exception error)
        {
            failed?.Invoke(error);
        }
    }
}
