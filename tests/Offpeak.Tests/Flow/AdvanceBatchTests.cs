using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow.Advance;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

public sealed class AdvanceBatchTests
{
    private static readonly NewBatch Handled = new("fake/model-1") { Handler = "elsewhere" };

    [Fact]
    public async Task Batch_that_others_change_all_the_time_is_left_to_them_after_a_while()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        await EndAsync(engine, id);
        var looks = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb != nameof(IOffpeakStore.TryChangeBatchAsync))
                return;

            looks++;
            engine.ExecuteAsync($"UPDATE offpeak_batches SET version = version + 1 WHERE id = {id};").GetAwaiter().GetResult();
        };

        Assert.Empty(await engine.Get<AdvanceBatch>().RunAsync(id, CancellationToken.None));

        Assert.Equal((20, BatchStatus.Running), (looks, (await engine.BatchAsync(id)).Status));
    }

    [Fact]
    public async Task Finished_batch_is_handed_to_its_handler_again_only_while_that_is_due()
    {
        await using var engine = await Engine.StartAsync();
        var handled = await engine.SubmitAsync(1, Handled);
        await engine.FinishAsync(handled);
        var bare = await engine.SubmitAsync();
        await EndAsync(engine, bare);
        Assert.Empty(await engine.Get<AdvanceBatch>().RunAsync(bare, CancellationToken.None));
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(bare)).Status);

        Assert.Equal([new WorkItem(WorkKind.Dispatch, handled)], await engine.Get<AdvanceBatch>().RunAsync(handled, CancellationToken.None));
        Assert.Empty(await engine.Get<AdvanceBatch>().RunAsync(bare, CancellationToken.None));
    }

    [Fact]
    public async Task Cancel_takes_back_a_round_that_was_planned_and_never_opened()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = Results.Busy;
        var id = await engine.SubmitAsync();
        await EndAsync(engine, id);
        await PlanAndDieAsync(engine, id);

        await engine.Client.CancelAsync(id);
        await engine.Get<AdvanceBatch>().RunAsync(id, CancellationToken.None);

        Assert.Equal([ShardStatus.Ended, ShardStatus.Canceled], (await engine.ShardsAsync(id)).Select(shard => shard.Status));
        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Fallback_takes_back_a_round_that_was_planned_and_never_opened_and_has_as_many_rounds_as_the_batch_was_given()
    {
        await using var engine = await Engine.StartAsync(
            options => options.MaxRounds = 4, services => services.AddSingleton<IBatchProvider>(new FakeProvider("other")));
        engine.Provider.Answer = Results.Busy;
        var batch = await engine.Client.CreateAsync(
            new NewBatch("fake/model-1") { Fallback = "other/model-2", FallbackAfter = TimeSpan.FromHours(1), MaxRounds = 3 });
        await engine.Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("e1", "e1")]);
        await engine.Client.SubmitAsync(batch.Id);
        await engine.Submit.RunOnceAsync();
        await EndAsync(engine, batch.Id);
        await PlanAndDieAsync(engine, batch.Id);
        engine.Time.Advance(TimeSpan.FromHours(1));

        await engine.Get<AdvanceBatch>().RunAsync(batch.Id, CancellationToken.None);

        Assert.Equal(
            [("fake", ShardStatus.Ended), ("fake", ShardStatus.Canceled), ("other", ShardStatus.Pending)],
            (await engine.ShardsAsync(batch.Id)).Select(shard => (shard.Provider, shard.Status)));
        Assert.Equal((4, 2), ((await engine.BatchAsync(batch.Id)).MaxRounds, (await engine.BatchAsync(batch.Id)).Round));
    }

    [Theory]
    [InlineData(1, "1 finished batch waits for it")]
    [InlineData(2, "2 finished batches wait for it")]
    public async Task Handler_that_no_process_knows_is_named_by_the_sweep_that_finds_its_batches(int batches, string said)
    {
        await using var engine = await Engine.StartAsync();
        for (var i = 0; i < batches; i++)
        {
            var id = await engine.SubmitAsync(1, Handled);
            await EndAsync(engine, id);
            Assert.Single(await engine.Get<AdvanceBatch>().RunAsync(id, CancellationToken.None));
        }

        var result = await engine.Resume.RunOnceAsync();

        var report = Assert.Single(engine.Reports);
        Assert.Equal((SweepName.ResumeStalledPolls.Value, null), (report.Component, report.BatchId));
        Assert.Contains("'elsewhere'; " + said, report.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(default, result);
    }

    [Fact]
    public async Task Entries_without_an_answer_get_a_round_also_where_tools_may_be_called()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = Results.Busy;
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { MaxTurns = 3 });
        await EndAsync(engine, id);

        var next = await engine.Get<AdvanceBatch>().RunAsync(id, CancellationToken.None);

        Assert.Equal([new WorkItem(WorkKind.Submit, (await engine.ShardAsync(id)).Id)], next);
        Assert.Equal((2, 2), ((await engine.ShardsAsync(id)).Count, (await engine.BatchAsync(id)).Round));
    }

    [Fact]
    public async Task Batch_of_which_the_provider_took_a_part_has_not_failed_as_a_whole()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        engine.Provider.Answer = Results.Refused;
        engine.Provider.BeforeCreate = _ =>
        {
            engine.Provider.BeforeCreate = null;
            throw Fault.Refused();
        };
        var id = await engine.SubmitAsync(2);

        var batch = await engine.FinishAsync(id);

        Assert.Equal([ShardStatus.Failed, ShardStatus.Ended], (await engine.ShardsAsync(id)).Select(shard => shard.Status));
        Assert.Equal((BatchStatus.Completed, 2), (batch.Status, batch.FailedCount));
    }

    // Reads the results, and leaves what follows undone.
    private static async Task EndAsync(Engine engine, long id)
    {
        engine.Provider.Set(ProviderBatchState.Ended);
        var shard = await engine.ShardAsync(id);
        await engine.Get<WorkSteps>().RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), CancellationToken.None);
    }

    private static async Task PlanAndDieAsync(Engine engine, long id)
    {
        engine.Hooks.Once(nameof(IOffpeakStore.TryChangeBatchAsync), () => throw new KilledException());
        await Assert.ThrowsAsync<KilledException>(() => engine.Get<AdvanceBatch>().RunAsync(id, CancellationToken.None));
        Assert.Equal((2, 1), ((await engine.ShardsAsync(id)).Count, (await engine.BatchAsync(id)).Round));
    }
}
