namespace Offpeak.Providers.Http;

/// <summary>A time limit by the given clock that progress starts anew. Without a call to <see cref="Renew"/> it is a total limit.</summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly TimeSpan limit;
    private readonly CancellationTokenSource timer;
    private readonly CancellationTokenSource linked;

    public IdleLimit(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        this.limit = limit;
        timer = new CancellationTokenSource(limit, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
    }

    public CancellationToken Token => linked.Token;

    public void Renew() => timer.CancelAfter(limit);

    public void Dispose()
    {
        linked.Dispose();
        timer.Dispose();
    }
}
