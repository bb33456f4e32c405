using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>
/// Looks for a lost batch in the account's list by its display name. The list has no filter on the Developer API and no promised order
/// (Gemini API reference, batches.list), so it is read to its end.
/// </summary>
internal sealed class OperationSearch(ProviderHttp http, FindRequest request)
{
    private const int PageSize = 100;
    private const int MaxPages = 1_000;

    private readonly Dictionary<string, OperationObject> matches = new(StringComparer.Ordinal);
    private readonly HashSet<string> tokens = new(StringComparer.Ordinal);

    public async Task<FindResult> RunAsync(CancellationToken cancellationToken)
    {
        string? token = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var current = await ReadPageAsync(token, cancellationToken);
            foreach (var batch in current.Items.Where(IsOurs))
                matches[batch.Name!] = batch;
            if (current.NextPageToken is not { } next)
                return Result(FindResult.Absent);
            if (!tokens.Add(next))
                return Result(FindResult.Unknown);
            token = next;
        }

        return Result(FindResult.Unknown);
    }

    private async Task<OperationPage> ReadPageAsync(string? token, CancellationToken cancellationToken)
    {
        const string Action = "list batches";
        var path = $"{ApiPath.Batches}?pageSize={PageSize}" + (token is null ? "" : "&pageToken=" + Uri.EscapeDataString(token));
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return OperationPage.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read");
    }

    private bool IsOurs(OperationObject batch) =>
        batch.Name is not null && batch.DisplayName == request.Key.Value && !(batch.CreatedAt < request.NotBefore);

    private FindResult Result(FindResult otherwise) => matches.Count == 0
        ? otherwise
        : FindResult.Found([.. matches.Values.OrderBy(batch => batch.CreatedAt ?? DateTimeOffset.MaxValue).Select(batch => batch.Name!)]);
}
