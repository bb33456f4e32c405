using Offpeak.Hosting;
using Offpeak.Work;

namespace Offpeak.Tests.Hosting;

/// <summary>Sweeps find the same work at every interval, for as long as it waits for a slot.</summary>
public sealed class InProcessWorkQueueTests : IDisposable
{
    private static readonly WorkItem Submit = new(WorkKind.Submit, 1);

    private readonly InProcessWorkQueue queue = new(TimeProvider.System);

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task Work_that_waits_is_given_out_once()
    {
        await EnqueueAsync(Submit, Submit, new WorkItem(WorkKind.Submit, 2));

        Assert.Equal([Submit, new WorkItem(WorkKind.Submit, 2)], [await TakeAsync(), await TakeAsync()]);
        Assert.False(TakeAsync().IsCompleted);
    }

    [Fact]
    public async Task Work_that_is_found_again_while_it_is_done_comes_again_once_it_has_ended()
    {
        await EnqueueAsync(Submit);
        await TakeAsync();
        await EnqueueAsync(Submit, Submit, new WorkItem(WorkKind.Poll, 1));
        Assert.Equal(WorkKind.Poll, (await TakeAsync()).Kind);
        var next = TakeAsync();
        Assert.False(next.IsCompleted);

        queue.Done(Submit);

        Assert.Equal(Submit, await next);
        queue.Done(Submit);
        Assert.False(TakeAsync().IsCompleted);
    }

    [Fact]
    public async Task Work_that_has_ended_is_given_out_again_when_it_is_found_again()
    {
        await EnqueueAsync(Submit);
        queue.Done(await TakeAsync());
        await EnqueueAsync(Submit);

        Assert.Equal(Submit, await TakeAsync());
    }

    [Fact]
    public async Task Of_a_shards_polls_the_newest_generation_is_given_out()
    {
        await EnqueueAsync(Poll(1), Poll(3), Poll(2));
        Assert.Equal(Poll(3), await TakeAsync());
        await EnqueueAsync(Poll(4), Poll(5));
        queue.Done(Poll(3));

        Assert.Equal(Poll(5), await TakeAsync());
        queue.Done(Poll(5));
        Assert.False(TakeAsync().IsCompleted);
    }

    private static WorkItem Poll(int generation) => new(WorkKind.Poll, 7, generation);

    private Task<WorkItem> TakeAsync() => queue.TakeAsync(CancellationToken.None);

    private async Task EnqueueAsync(params WorkItem[] items)
    {
        foreach (var item in items)
            await queue.EnqueueAsync(item, TimeSpan.Zero, CancellationToken.None);
    }
}
