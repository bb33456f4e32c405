using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.XAI.Wire;

namespace Offpeak.XAI.Calls;

/// <summary>
/// Looks for the batches that a submission left behind. A batch that lacks entries is not a find: the submission must go on with it.
/// </summary>
internal sealed class SubmissionSearch(BatchCalls batches, XAIBatchList list, RequestIds requestIds, ProviderErrors errors)
{
    /// <summary>The batch to go on with: the journalled one, else one of the name if a create call was begun before; null without one.</summary>
    /// <remarks>A batch refused for want of capacity is no longer gone on with; its entries are to be sent again.</remarks>
    public async Task<XAIBatchObject?> ToResumeAsync(Submission submission, CancellationToken cancellationToken)
    {
        if (submission.Journal[ProgressNames.Batch] is { } known)
        {
            var (batch, _) = await batches.GetAsync(known, cancellationToken);
            if (!batch.IsOverCapacity)
                return batch with { Id = known };
            await submission.JournalAsync(ProgressNames.Batch, "", cancellationToken);
            await submission.JournalAsync(ProgressNames.Appended, "", cancellationToken);
        }

        if (submission.Journal.AllOf(ProgressNames.CreateBegun).Count == 0)
            return null;
        // The key is unique, so no date narrows this search.
        var (matches, isWhole) = await list.FindAsync(submission.Key.Value, DateTimeOffset.MinValue, cancellationToken);
        var live = matches.Where(batch => !batch.IsDead).OrderByDescending(batch => batch.Counts.Total).ToList();
        if (live.Count == 0 && !isWhole)
            throw errors.Make(ProviderErrorClass.Unexpected, "The list of batches cannot be read to its end, so a batch of this name may exist");
        foreach (var surplus in live.Skip(1))
            await batches.CancelAsync(surplus.Id!, cancellationToken);
        return live.FirstOrDefault();
    }

    public async Task<FindResult> RunAsync(FindRequest request, CancellationToken cancellationToken)
    {
        if (request.Journal[ProgressNames.Batch] is { } known && await TryGetAsync(known, cancellationToken) is { } journalled)
            return await ResultAsync(request, [journalled with { Id = known }], cancellationToken);
        var (matches, isWhole) = await list.FindAsync(request.Key.Value, request.NotBefore, cancellationToken);
        return matches.Count > 0 ? await ResultAsync(request, matches, cancellationToken)
            : isWhole ? FindResult.Absent : FindResult.Unknown;
    }

    /// <summary>Cancels every batch that the submission left behind.</summary>
    public async Task StopAsync(FindRequest request, CancellationToken cancellationToken)
    {
        foreach (var known in request.Journal.AllOf(ProgressNames.Batch))
            await CancelIfThereAsync(known, cancellationToken);
        if (request.Journal[ProgressNames.Batch] is null && request.Journal.AllOf(ProgressNames.CreateBegun).Count > 0)
        {
            var (matches, _) = await list.FindAsync(request.Key.Value, request.NotBefore, cancellationToken);
            foreach (var batch in matches.Where(batch => !batch.IsDead))
                await batches.CancelAsync(batch.Id!, cancellationToken);
        }
    }

    // One that an earlier key has made may not be there for the present one, ever.
    private async Task CancelIfThereAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await batches.CancelAsync(id, cancellationToken);
        }
        catch (ProviderException failure) when (failure.Class == ProviderErrorClass.NotFound)
        {
            // Nothing runs.
        }
    }

    private async Task<XAIBatchObject?> TryGetAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return (await batches.GetAsync(id, cancellationToken)).Batch;
        }
        catch (ProviderException failure) when (failure.Class == ProviderErrorClass.NotFound)
        {
            // It was just made and cannot be read yet; the submission goes on with it later.
            return new XAIBatchObject(id, null, null, null, false, null, null, default);
        }
    }

    private async Task<FindResult> ResultAsync(FindRequest request, IReadOnlyList<XAIBatchObject> matches, CancellationToken cancellationToken)
    {
        var live = matches.Where(batch => !batch.IsDead).ToList();
        foreach (var batch in live)
        {
            if (await IsFullAsync(request, batch, cancellationToken))
                return FindResult.Found([batch.Id!, .. live.Where(other => other != batch).Select(other => other.Id!)]);
        }

        return live.Count > 0 ? FindResult.Resumable : FindResult.Found([.. matches.Select(batch => batch.Id!)]);
    }

    /// <summary>A count may include second copies, so the ids are counted where the count says that all are in.</summary>
    private async Task<bool> IsFullAsync(FindRequest request, XAIBatchObject batch, CancellationToken cancellationToken) =>
        batch.IsSealed
        || (batch.Counts.Total >= request.EntryCount
            && (await requestIds.ReadAsync(batch.Id!, request.Key, cancellationToken)).Count >= request.EntryCount);
}
