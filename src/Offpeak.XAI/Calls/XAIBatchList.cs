using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.XAI.Wire;

namespace Offpeak.XAI.Calls;

/// <summary>
/// Reads the account's list for batches of a name. It has no filter and no promised order (xAI API reference, Batches, List), so it is read
/// until it is seen to be newest first and older than the search, or to its end.
/// </summary>
internal sealed class XAIBatchList(ProviderHttp http)
{
    private const int MaxPages = 1_000;

    /// <summary>Batches of the name, oldest first; and whether the list was read far enough to be sure that there are no others.</summary>
    public async Task<(IReadOnlyList<XAIBatchObject> Matches, bool IsWhole)> FindAsync(
        string name, DateTimeOffset notBefore, CancellationToken cancellationToken)
    {
        var matches = new Dictionary<string, XAIBatchObject>(StringComparer.Ordinal);
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        DateTimeOffset? last = null;
        var newestFirst = true;
        string? token = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var current = await ReadPageAsync(token, cancellationToken);
            foreach (var batch in current.Items)
            {
                newestFirst &= last is null || batch.CreatedAt is null || batch.CreatedAt <= last;
                last = batch.CreatedAt ?? last;
                if (batch is { Id: { } id } && batch.Name == name && batch.IsFrom(notBefore))
                    matches[id] = batch;
            }

            token = current.NextToken;
            if (token is null || (newestFirst && last?.UtcDateTime.Date < notBefore.UtcDateTime.Date))
                return (Sorted(matches), true);
            if (!tokens.Add(token))
                break;
        }

        return (Sorted(matches), false);
    }

    private async Task<XAIBatchPage> ReadPageAsync(string? token, CancellationToken cancellationToken)
    {
        const string Action = "list batches";
        var path = "batches?limit=100" + (token is null ? "" : "&pagination_token=" + Uri.EscapeDataString(token));
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return XAIBatchPage.Parse(reply.Body) ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read");
    }

    private static List<XAIBatchObject> Sorted(Dictionary<string, XAIBatchObject> matches) =>
        [.. matches.Values.OrderBy(batch => batch.CreatedAt ?? DateTimeOffset.MaxValue)];
}
