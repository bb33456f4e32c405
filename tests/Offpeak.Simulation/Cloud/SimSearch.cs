using Offpeak.Providers;

namespace Offpeak.Simulation.Cloud;

/// <summary>What the provider's list says about a lost batch.</summary>
internal sealed class SimSearch(World.Simulation world, string provider, Func<CloudBatch, bool> sees)
{
    public FindResult Find(FindRequest request)
    {
        world.Cloud.LookedFor[request.Key.Value] = world.Now;
        return Look(request);
    }

    /// <summary>The batch that an interrupted submission goes on with; null without one.</summary>
    public CloudBatch? ToFillUp(Submission submission)
    {
        var known = world.Cloud.Find(submission.Journal["batch"]);
        if (known is not null && !sees(known))
            world.Fail($"G2: {known.Id} is gone on with by a key that cannot see it.");

        known?.Settle(world.Now);
        if (known is { WasRejected: false })
            return known;
        return Listed(DateTimeOffset.MinValue).Where(batch => batch.Key == submission.Key.Value && batch.State == ProviderBatchState.Running)
            .MaxBy(batch => batch.Sent.Count);
    }

    private FindResult Look(FindRequest request) => world.Plan.LostBatches switch
    {
        LostBatches.ShowTheirSize => FindBySize(request),
        LostBatches.CannotBeFound => FindResult.Unknown,
        LostBatches.CanBeFilledUp => FindToFillUp(request),
        _ => FindByKey(request),
    };

    private FindResult FindByKey(FindRequest request)
    {
        var ids = Listed(request.NotBefore).Where(batch => batch.Key == request.Key.Value).Select(batch => batch.Id).ToList();
        if (ids.Count > 0)
            return FindResult.Found(ids);
        return world.Plan.CreateIsIdempotent ? FindResult.Resumable : FindResult.Absent;
    }

    private FindResult FindBySize(FindRequest request)
    {
        var candidates = Listed(request.NotBefore).Where(batch => batch.Sent.Count == request.EntryCount).ToList();
        var ours = candidates.Where(batch => batch.State != ProviderBatchState.Running && batch.Key == request.Key.Value).ToList();
        var mayBeMore = candidates.Exists(batch => batch.State == ProviderBatchState.Running);
        if (ours.Count > 0)
            return FindResult.Found([.. ours.Select(batch => batch.Id)], mayBeMore);
        return mayBeMore ? FindResult.Unknown : FindResult.Absent;
    }

    private FindResult FindToFillUp(FindRequest request)
    {
        var matches = Listed(request.NotBefore).Where(batch => batch.Key == request.Key.Value || batch.Id == request.Journal["batch"]).ToList();
        if (matches.Find(batch => batch.IsFull) is { } full)
            return FindResult.Found([full.Id, .. matches.Where(batch => batch != full && batch.Sent.Count > 0).Select(batch => batch.Id)]);
        return matches.Count > 0 ? FindResult.Resumable : FindResult.Absent;
    }

    private List<CloudBatch> Listed(DateTimeOffset notBefore)
    {
        var listed = world.Cloud.Batches.Where(batch => batch.Provider == provider && sees(batch) && batch.ListedAt <= world.Now && batch.CreatedAt >= notBefore).ToList();
        listed.ForEach(batch => batch.Settle(world.Now));
        return listed;
    }
}
