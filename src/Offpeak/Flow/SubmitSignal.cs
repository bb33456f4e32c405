namespace Offpeak.Flow;

/// <summary>Wakes this process's submit sweep early when it has made something to submit. Losing a signal costs one sweep interval.</summary>
internal sealed class SubmitSignal : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(0, 1);

    public void Set()
    {
        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set.
        }
    }

    public Task WaitAsync(CancellationToken ct) => semaphore.WaitAsync(ct);

    public void Dispose() => semaphore.Dispose();
}
