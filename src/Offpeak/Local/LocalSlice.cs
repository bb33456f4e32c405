using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Offpeak.Providers;

namespace Offpeak.Local;

/// <summary>
/// The calls of one poll. It ends when its time is over, when no further call may be sent, when a failure says that no entry can be answered, when
/// the process stops, or when nobody reads any more. Only the last two end calls that are under way; an answer that came is given in every case,
/// because it was paid.
/// </summary>
internal sealed class LocalSlice(LocalCall call, SemaphoreSlim slots, LocalOptions options, TimeProvider time)
{
    private readonly Channel<ProviderResult> results = Channel.CreateBounded<ProviderResult>(options.MaxConcurrency);
    private Exception? failure;
    private bool isCanceled;
    private long line;

    /// <summary>The results, then the failure if there was one.</summary>
    public ChannelReader<ProviderResult> Results => results.Reader;

    /// <summary>Makes the calls. Never throws; what went wrong comes out of <see cref="Results"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="ct">The process stops.</param>
    /// <param name="left">Nobody reads any more.</param>
    public async Task RunAsync(ProviderBatchRef batch, CancellationToken ct, CancellationToken left)
    {
        using var calls = CancellationTokenSource.CreateLinkedTokenSource(ct, left);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(calls.Token);
        try
        {
            // The loop's own token would end calls under way when one of them fails.
            await Parallel.ForEachAsync(
                TakeAsync(batch, enough.Token),
                new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrency },
                async (entry, _) => await AnswerAsync(batch, entry, enough, calls.Token, left));
            results.Writer.TryComplete(failure);
        }
        catch (Exception error)
        {
            results.Writer.TryComplete(failure ?? (isCanceled ? null : error));
        }
    }

    private async Task AnswerAsync(
        ProviderBatchRef batch, SubmissionEntry entry, CancellationTokenSource enough, CancellationToken ct, CancellationToken left)
    {
        await slots.WaitAsync(enough.Token);
        try
        {
            var number = Interlocked.Increment(ref line);
            if (await call.AnswerAsync(batch.Model, entry, number, () => BeforeCallAsync(batch, enough), ct, enough.Token) is { } result)
                await results.Writer.WriteAsync(result, left);
        }
        catch (ProviderException error)
        {
            Interlocked.CompareExchange(ref failure, error, null);
            await enough.CancelAsync();
        }
        finally
        {
            slots.Release();
        }
    }

    // What goes wrong in asking is no fault of the entry.
    private async Task BeforeCallAsync(ProviderBatchRef batch, CancellationTokenSource enough)
    {
        try
        {
            if (await batch.MayCallAsync(enough.Token))
                return;

            isCanceled = true;
        }
        catch (Exception error) when (!enough.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref failure, error, null);
        }

        await enough.CancelAsync();
        enough.Token.ThrowIfCancellationRequested();
    }

    private async IAsyncEnumerable<SubmissionEntry> TakeAsync(ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken enough)
    {
        var begun = time.GetTimestamp();
        await foreach (var entry in batch.ReadOpenEntriesAsync(enough))
        {
            enough.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(begun) >= options.SliceDuration)
                yield break;
            yield return entry;
        }

        enough.ThrowIfCancellationRequested();
    }
}
