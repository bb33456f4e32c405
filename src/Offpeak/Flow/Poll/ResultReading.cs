using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Flow.Poll;

/// <summary>
/// One reading of a provider's results, which can be left at any moment. An iterator must not be disposed while it makes its next result, and one
/// that does not listen to its token must not hold up whoever reads.
/// </summary>
internal sealed class ResultReading : IAsyncDisposable
{
    // Whoever listens ends at once.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stop;
    private readonly IAsyncEnumerator<ProviderResult> results;
    private readonly TimeProvider time;
    private readonly Action<Exception> failed;
    private Task<bool>? step;

    /// <summary>Begins to read.</summary>
    /// <param name="read">Reads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Hears what callbacks of the token threw when the reading was stopped.</param>
    /// <param name="ct">Stops it.</param>
    public ResultReading(
        Func<CancellationToken, IAsyncEnumerable<ProviderResult>> read, TimeProvider time, Action<Exception> failed, CancellationToken ct)
    {
        this.time = time;
        this.failed = failed;
        stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        results = read(stop.Token).GetAsyncEnumerator(stop.Token);
    }

    public ProviderResult Current => results.Current;

    /// <summary>Whether there is a further result.</summary>
    /// <param name="meanwhile">What is done while it is being made, unless it is there already.</param>
    public async ValueTask<bool> MoveNextAsync(Func<Task> meanwhile)
    {
        var next = results.MoveNextAsync();
        if (next.IsCompleted)
            return await next;

        step = next.AsTask();
        await meanwhile();
        var more = await step.WaitAsync(stop.Token);
        step = null;
        return more;
    }

    /// <summary>Asks for no more, and gives what comes all the same: answers that were under way are paid for.</summary>
    public async IAsyncEnumerable<ProviderResult> StopAsync()
    {
        await stop.StopAsync(failed);
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < Grace && await EndsWithOneAsync(step ?? results.MoveNextAsync().AsTask()))
        {
            step = null;
            yield return results.Current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.StopAsync(failed);
        if (step is not null)
            await EndsWithOneAsync(step);

        await (step ?? Task.CompletedTask).LeaveAsync(async () =>
        {
            await results.DisposeAsync();
            stop.Dispose();
        });
    }

    // Why it was stopped is known to whoever stopped it; that it could not be, or how it ended, says nothing more.
    private async Task<bool> EndsWithOneAsync(Task<bool> pending)
    {
        step = pending;
        try
        {
            return await pending.WaitAsync(Grace, time);
        }
        catch (Exception)
        {
            return false;
        }
    }
}
