using System.Runtime.CompilerServices;
using System.Text.Json;
using Offpeak.Codec.Json;
using Offpeak.Providers;
using Offpeak.Providers.Http;
using Offpeak.XAI.Results;

namespace Offpeak.XAI.Calls;

/// <summary>Streams the items of a paged list, one at a time however large a page is. Each call begins at the first page.</summary>
internal sealed class PagedItems(ProviderHttp http, XAIOptions options)
{
    /// <summary>The items' bytes, or an empty memory for one that is too long; valid until the next is asked for.</summary>
    /// <exception cref="ProviderException">A page could not be opened, or broke.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string path, string action, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        for (string? token = null; ;)
        {
            var scanner = new PageScanner(options.MaxResultBytes);
            using var limit = http.NewTransferLimit(cancellationToken);
            using var response = await OpenAsync(PathOf(path, token), limit, action, cancellationToken);
            await using var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
            while (await FillAsync(scanner, stream, action, cancellationToken))
            {
                while (scanner.TryNext(out var item))
                    yield return item;
            }
            token = TokenOf(scanner, action);
            if (token is null)
                yield break;
            if (!tokens.Add(token))
                throw http.Errors.Make(ProviderErrorClass.Unexpected, "The pages go round in circles");
        }
    }

    private string PathOf(string path, string? token) =>
        $"{path}?limit={options.PageSize}" + (token is null ? "" : "&pagination_token=" + Uri.EscapeDataString(token));

    private async Task<HttpResponseMessage> OpenAsync(string path, IdleLimit limit, string action, CancellationToken cancellationToken)
    {
        try
        {
            using var request = http.NewRequest(HttpMethod.Get, path);
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

    private async ValueTask<bool> FillAsync(PageScanner scanner, Stream stream, string action, CancellationToken cancellationToken)
    {
        try
        {
            return await scanner.FillAsync(stream, cancellationToken);
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw http.Errors.FromNetwork(
                cause is OperationCanceledException ? new TimeoutException("The download fell silent.", cause) : cause, action);
        }
    }

    private string? TokenOf(PageScanner scanner, string action)
    {
        if (!scanner.IsWhole)
            throw http.Errors.FromNetwork(new IOException("The page ended early."), action);
        try
        {
            using var document = JsonDocument.Parse(scanner.Frame);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Text("pagination_token");
        }
        catch (JsonException)
        {
            // Said below.
        }
        throw http.Errors.Make(ProviderErrorClass.Unexpected, "A page of the list cannot be read");
    }

    private static bool IsBroken(Exception cause, CancellationToken cancellationToken) =>
        cause is HttpRequestException or IOException or TimeoutException
        || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
