using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Offpeak.Cli;

/// <summary>Reads a sequence on a thread of its own, a little ahead of who asks for it, so that both are at work at the same time.</summary>
internal static class Ahead
{
    private const int MostItems = 250;
    private const int MostBytes = 1_000_000;

    /// <param name="source">What to read. Its errors come out where the item would have come.</param>
    /// <param name="bytes">About what an item takes: two pages of a million bytes each, or one larger item each, are held.</param>
    /// <param name="cancellationToken">Ends both.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        IAsyncEnumerable<T> source, Func<T, int> bytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pages = Channel.CreateBounded<List<T>>(new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => FillAsync(source, bytes, pages.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(cancellationToken))
            {
                foreach (var item in page)
                    yield return item;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    private static async Task FillAsync<T>(
        IAsyncEnumerable<T> source, Func<T, int> bytes, ChannelWriter<List<T>> pages, CancellationToken cancellationToken)
    {
        try
        {
            var page = new List<T>(MostItems);
            long held = 0;
            await foreach (var item in source.WithCancellation(cancellationToken))
            {
                page.Add(item);
                held += bytes(item);
                if (page.Count < MostItems && held < MostBytes)
                    continue;

                await pages.WriteAsync(page, cancellationToken);
                (page, held) = (new List<T>(MostItems), 0);
            }

            await pages.WriteAsync(page, cancellationToken);
            pages.Complete();
        }
        catch (Exception error)
        {
            pages.Complete(error);
        }
    }
}
