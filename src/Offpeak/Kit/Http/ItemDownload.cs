using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>
/// Streams the items of a list that stands in a JSON answer, however long the answer is. Once the items are read, the rest of the answer is
/// there too. It is given up after a silence, not after a total time.
/// </summary>
/// <param name="http">The door to the provider.</param>
/// <param name="list">The name of the list.</param>
/// <param name="maxItemBytes">The longest item that is given.</param>
[Experimental("OFFPEAK001")]
public sealed class ItemDownload(ProviderHttp http, string list, int maxItemBytes)
{
    /// <summary>The answer without the list's items, once they have all been read.</summary>
    public ReadOnlyMemory<byte> Frame { get; private set; }

    /// <summary>The wait the server asked for.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>The items, owned by the receiver; empty for one that is too long.</summary>
    /// <exception cref="ProviderException">The answer is an error, could not be opened, or broke.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string path, string action, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scanner = new ItemScanner(list, maxItemBytes);
        var download = new Download(http, action, cancellationToken);
        using var limit = http.NewTransferLimit(cancellationToken);
        using var request = http.NewRequest(HttpMethod.Get, path);
        using var response = await download.OpenAsync(request, limit);
        RetryAfter = WireReply.ReadRetryAfter(response.Headers, http.Now);
        await using var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
        while (await download.ReadOnAsync(() => scanner.FillAsync(stream, cancellationToken)))
        {
            while (TryNext(scanner, out var item))
                yield return item;
        }

        if (!scanner.IsWhole)
            throw http.Errors.FromNetwork(new IOException("The answer ended early."), action);
        Frame = scanner.Frame;
    }

    private bool TryNext(ItemScanner scanner, out ReadOnlyMemory<byte> item)
    {
        try
        {
            return scanner.TryNext(out item);
        }
        catch (InvalidDataException cause)
        {
            throw http.Errors.Make(ProviderErrorClass.Unexpected, "The answer cannot be read", cause);
        }
    }
}
