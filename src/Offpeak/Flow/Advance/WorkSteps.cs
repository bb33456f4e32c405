using Offpeak.Flow.Poll;
using Offpeak.Flow.Submit;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>Which step does which kind of work.</summary>
internal sealed class WorkSteps(SubmitShard submit, PollShard poll, AdvanceBatch advance, ContinueEntries continueEntries, DispatchHandler dispatch)
{
    /// <summary>Does one piece of work.</summary>
    /// <returns>What is to be done next.</returns>
    public Task<IReadOnlyList<WorkItem>> RunAsync(WorkItem item, CancellationToken ct) => item.Kind switch
    {
        WorkKind.Submit => submit.RunAsync(item.Id, hurries: false, ct),
        WorkKind.Poll => poll.RunAsync(item, ct),
        WorkKind.Advance => advance.RunAsync(item.Id, ct),
        WorkKind.Tools => continueEntries.RunAsync(item.Id, ct),
        WorkKind.Dispatch => dispatch.RunAsync(item.Id, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(item), item.Kind, "There is no such kind of work."),
    };

    /// <summary>Does a piece of work and what follows from it, here and now, one after the other.</summary>
    /// <param name="item">The work.</param>
    /// <param name="onlyBatch">Whether work on single shards is left to the caller.</param>
    /// <param name="ct">Cancels.</param>
    public async Task RunInlineAsync(WorkItem item, bool onlyBatch, CancellationToken ct)
    {
        var left = new Queue<WorkItem>([item]);
        while (left.TryDequeue(out var next))
        {
            foreach (var following in await RunAsync(next, ct))
            {
                if (!onlyBatch || following.Kind is not (WorkKind.Submit or WorkKind.Poll))
                    left.Enqueue(following);
            }
        }
    }
}
