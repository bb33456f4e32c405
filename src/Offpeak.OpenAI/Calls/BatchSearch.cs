using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>
/// Looks for a lost batch in the account's list. The list has no filter and its order is not promised (OpenAI API reference, Batch,
/// List), so it is read until it is seen to be newest first and older than the search, or to its end.
/// </summary>
internal sealed class BatchSearch(ProviderHttp http, FindRequest request)
{
    private const int PageSize = 100;
    private const int MaxPages = 1_000;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<BatchObject> matches = [];
    private readonly DateTimeOffset notBefore = DateTimeOffset.FromUnixTimeSeconds(request.NotBefore.ToUnixTimeSeconds());
    private DateTimeOffset? oldest;
    private bool newestFirst = true;

    public async Task<FindResult> RunAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var current = await ReadPageAsync(after, cancellationToken);
            var fresh = current.Items.Count(Take);
            var more = current.HasMore ?? current.Items.Count >= PageSize;
            if (!more || (newestFirst && oldest < notBefore))
                return Result(FindResult.Absent);
            if (fresh == 0 || current.LastId is null)
                return Result(current.HasMore is null ? FindResult.Absent : FindResult.Unknown);
            after = current.LastId;
        }
        return Result(FindResult.Unknown);
    }

    private async Task<BatchPage> ReadPageAsync(string? after, CancellationToken cancellationToken)
    {
        const string Action = "list batches";
        var path = $"batches?limit={PageSize}" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after));
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return BatchPage.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read");
    }

    /// <summary>Notes one batch; false if it was on an earlier page.</summary>
    private bool Take(BatchObject batch)
    {
        if (batch.Id is null || !seen.Add(batch.Id))
            return false;
        if (batch.CreatedAt is { } created)
        {
            newestFirst &= oldest is null || created <= oldest;
            oldest = oldest is null || created < oldest ? created : oldest;
        }
        if (IsOurs(batch))
            matches.Add(batch);
        return true;
    }

    private bool IsOurs(BatchObject batch)
    {
        if (batch.CreatedAt < notBefore)
            return false;
        return batch.SubmissionKey is { } key
            ? key == request.Key.Value
            : batch.InputFileId is { } file && file == request.State[StateNames.InputFile];
    }

    private FindResult Result(FindResult otherwise) => matches.Count == 0
        ? otherwise
        : FindResult.Found([.. matches.OrderBy(batch => batch.CreatedAt ?? DateTimeOffset.MaxValue).Select(batch => batch.Id!)]);
}
