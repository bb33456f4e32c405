using Offpeak.Anthropic.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>
/// Looks for a lost batch in the workspace's list, which is newest first and has no filter (Anthropic API reference, Message Batches,
/// List). Those made in time and of the right size are looked into; see docs/decisions/0007.
/// </summary>
internal sealed class MessageBatchSearch(ProviderHttp http, BatchRecognition recognition, FindRequest request)
{
    private const int PageSize = 1_000;
    private const int MaxPages = 100;

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<MessageBatch> candidates = [];
    private DateTimeOffset? oldest;
    private bool newestFirst = true;

    public async Task<FindResult> RunAsync(CancellationToken cancellationToken)
    {
        var isWhole = await ReadListAsync(cancellationToken);
        var ours = new List<string>();
        var isOpen = !isWhole;
        foreach (var candidate in candidates.OrderBy(batch => batch.CreatedAt ?? DateTimeOffset.MaxValue))
        {
            var isOurs = await recognition.IsOfAsync(candidate, request.Key, cancellationToken);
            if (isOurs is true)
                ours.Add(candidate.Id!);
            isOpen |= isOurs is null;
        }

        return ours.Count > 0 ? FindResult.Found(ours, mayBeMore: isOpen) : isOpen ? FindResult.Unknown : FindResult.Absent;
    }

    /// <returns>Whether everything in the time of the search was seen.</returns>
    private async Task<bool> ReadListAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var current = await ReadPageAsync(after, cancellationToken);
            var fresh = current.Items.Count(Take);
            var more = current.HasMore ?? current.Items.Count >= PageSize;
            if (!more || (newestFirst && oldest < request.NotBefore))
                return true;
            if (fresh == 0 || current.LastId is null)
                return false;
            after = current.LastId;
        }

        return false;
    }

    private async Task<MessageBatchPage> ReadPageAsync(string? after, CancellationToken cancellationToken)
    {
        const string Action = "list batches";
        var path = $"{BatchPaths.All}?limit={PageSize}" + (after is null ? "" : "&after_id=" + Uri.EscapeDataString(after));
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return MessageBatchPage.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read");
    }

    /// <summary>Notes one batch; false if it was on an earlier page.</summary>
    private bool Take(MessageBatch batch)
    {
        if (batch.Id is null || !seen.Add(batch.Id))
            return false;
        if (batch.CreatedAt is { } created)
        {
            newestFirst &= oldest is null || created <= oldest;
            oldest = oldest is null || created < oldest ? created : oldest;
        }

        if (!(batch.CreatedAt < request.NotBefore) && (batch.Counts is null || batch.Counts.Total == request.EntryCount))
            candidates.Add(batch);
        return true;
    }
}
