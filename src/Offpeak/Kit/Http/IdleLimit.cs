using System.Diagnostics.CodeAnalysis;

namespace Offpeak.Kit.Http;

/// <summary>A time limit by the given clock that progress starts anew. Without a call to <see cref="Renew"/> it is a total limit.</summary>
[Experimental("OFFPEAK001")]
public sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource linked;

    /// <summary>Starts a limit, which the token ends too.</summary>
    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        this.limit = limit;
        timer = new CancellationTokenSource(limit, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
    }

    /// <summary>Cancelled when the limit passes.</summary>
    public CancellationToken Token => linked.Token;

    /// <summary>Starts the time anew.</summary>
    public void Renew() => timer.CancelAfter(limit);

    /// <inheritdoc/>
    public void Dispose()
    {
        linked.Dispose();
        timer.Dispose();
    }
}
