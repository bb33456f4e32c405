using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Offpeak.Jsonl;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>Streams the lines of a result file. It is given up after a silence, not after a total time.</summary>
[Experimental("OFFPEAK001")]
public sealed class JsonlDownload(ProviderHttp http, int maxLineBytes)
{
    private readonly JsonlReaderOptions options = new() { MaxLineBytes = maxLineBytes };

    /// <exception cref="ProviderException">The download could not be opened, or broke.</exception>
    public async IAsyncEnumerable<JsonlLine> ReadAsync(
        HttpRequestMessage request, string action, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var download = new Download(http, action, cancellationToken);
        using var limit = http.NewTransferLimit(cancellationToken);
        using var response = await download.OpenAsync(request, limit);
        await using var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
        await using var lines = JsonlReader.ReadAsync(stream, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await download.ReadOnAsync(lines.MoveNextAsync))
            yield return lines.Current;
    }
}
