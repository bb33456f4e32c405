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
        using var limit = http.NewTransferLimit(cancellationToken);
        using var response = await OpenAsync(request, limit, action, cancellationToken);
        await using var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
        await using var lines = JsonlReader.ReadAsync(stream, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(lines, action, cancellationToken))
            yield return lines.Current;
    }

    private async Task<HttpResponseMessage> OpenAsync(
        HttpRequestMessage request, IdleLimit limit, string action, CancellationToken cancellationToken)
    {
        try
        {
            var response = await http.OpenAsync(request, limit, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw http.Errors.FromReply(await http.ReadReplyAsync(response, limit.Token), action, namesAnObject: true);
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw http.Errors.FromNetwork(cause, action);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<JsonlLine> lines, string action, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw http.Errors.FromNetwork(
                cause is OperationCanceledException ? new TimeoutException("The download fell silent.", cause) : cause, action);
        }
    }

    private static bool IsBroken(Exception cause, CancellationToken cancellationToken) =>
        cause is HttpRequestException or IOException or TimeoutException
        || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
