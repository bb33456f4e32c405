using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>
/// Looks for a lost batch in the account's list. The list has no filter and its order is not promised (OpenAI API reference, Batch,
/// List), so it is read until it is seen to be newest first and older than the search, or to its end. Filters that a dialect has are not
/// used: one that the server understands otherwise would hide the batch, and a second one would be made.
/// </summary>
internal sealed class OpenAIBatchSearch(ProviderHttp http, Dialect dialect, FindRequest request)
{
    private const int PageSize = 100;
    private const int MaxPages = 1_000;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<OpenAIBatch> matches = [];
    private readonly DateTimeOffset notBefore = DateTimeOffset.FromUnixTimeSeconds(request.NotBefore.ToUnixTimeSeconds());
    private DateTimeOffset? oldest;
    private bool newestFirst = true;

    public async Task<FindResult> RunAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var current = await ReadPageAsync(page, after, cancellationToken);
            var fresh = current.Items.Count(Take);
            var more = current.HasMore ?? current.Items.Count >= PageSize;
            if (!more || (newestFirst && oldest < notBefore))
                return await ResultAsync(FindResult.Absent, cancellationToken);
            if (fresh == 0 || current.LastId is null)
                return await ResultAsync(current.HasMore is null ? FindResult.Absent : FindResult.Unknown, cancellationToken);
            after = current.LastId;
        }

        return await ResultAsync(FindResult.Unknown, cancellationToken);
    }

    private async Task<OpenAIBatchPage> ReadPageAsync(int page, string? after, CancellationToken cancellationToken)
    {
        const string Action = "list batches";
        var path = dialect.Profile.BatchesPath + (dialect.Profile.PagesByNumber
            ? $"?page={page}&page_size={PageSize}"
            : $"?limit={PageSize}" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)));
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return OpenAIBatchPage.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read");
    }

    /// <summary>Notes one batch; false if it was on an earlier page.</summary>
    private bool Take(OpenAIBatch batch)
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

    private bool IsOurs(OpenAIBatch batch)
    {
        if (batch.CreatedAt < notBefore)
            return false;
        // The counts of a batch that is still being read are zero.
        if (dialect.Profile.IsKeyless)
            return (batch.Model is null || batch.Model == request.Model) && (batch.Counts?.Total is null or 0 || batch.Counts.Total == request.EntryCount);
        return batch.SubmissionKey is { } key
            ? key == request.Key.Value
            : batch.InputFileId is { } file && request.Journal.AllOf(OpenAIJournalNames.InputFile).Contains(file);
    }

    private async Task<FindResult> ResultAsync(FindResult otherwise, CancellationToken cancellationToken)
    {
        if (matches.Count == 0)
            return otherwise;
        var ours = matches.OrderBy(batch => batch.CreatedAt ?? DateTimeOffset.MaxValue).Select(batch => batch.Id!).ToList();
        return dialect.Profile.IsKeyless
            ? await new KeylessMatch(http, dialect, request.Key).AmongAsync(ours, otherwise, cancellationToken)
            : FindResult.Found(ours);
    }
}
