using Microsoft.Extensions.DependencyInjection;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Hosting;

/// <summary>The work that a host's queue delivers.</summary>
public sealed class WorkRunnerTests
{
    [Fact]
    public async Task Work_that_the_queue_does_not_take_is_reported_for_its_batch_and_a_shard_is_not_taken_for_one()
    {
        await using var engine = await Engine.StartAsync(more: services => services.AddSingleton<IWorkQueue>(new FullQueue()));
        var id = await engine.SubmitAsync();
        engine.Provider.Answer = Results.Busy;
        engine.Provider.Set(ProviderBatchState.Ended);
        var shard = await engine.ShardAsync(id);
        var runner = engine.Get<WorkRunner>();

        await runner.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration));
        await runner.RunAsync(new WorkItem(WorkKind.Advance, id));

        Assert.Equal([id, null], engine.Reports.Where(report => report.Component == "work_runner").Select(report => report.BatchId));
    }

    private sealed class FullQueue : IWorkQueue
    {
        public Task EnqueueAsync(WorkItem item, TimeSpan delay, CancellationToken cancellationToken) => throw new InvalidOperationException("the queue is full");
    }
}
