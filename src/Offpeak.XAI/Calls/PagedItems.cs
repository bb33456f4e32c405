using System.Runtime.CompilerServices;
using System.Text.Json;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.XAI.Calls;

/// <summary>Streams the items of a paged list, one at a time however large a page is. Each call begins at the first page.</summary>
internal sealed class PagedItems(ProviderHttp http, XAIOptions options)
{
    /// <summary>The items' bytes, owned by the receiver; empty for one that is too long.</summary>
    /// <exception cref="ProviderException">A page could not be opened, or broke.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        string path, string list, int limit, string action, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        for (string? token = null; ;)
        {
            var page = new ItemDownload(http, list, options.MaxResultBytes);
            await foreach (var item in page.ReadAsync(PathOf(path, limit, token), action, cancellationToken))
                yield return item;
            token = TokenOf(page.Frame);
            if (token is null)
                yield break;
            if (!tokens.Add(token))
                throw http.Errors.Make(ProviderErrorClass.Unexpected, "The pages go round in circles");
        }
    }

    private static string PathOf(string path, int limit, string? token) =>
        $"{path}?limit={limit}" + (token is null ? "" : "&pagination_token=" + Uri.EscapeDataString(token));

    private string? TokenOf(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document.RootElement.Text("pagination_token");
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw http.Errors.Make(ProviderErrorClass.Unexpected, "A page of the list cannot be read");
    }
}
