using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

/// <summary>Between two rounds nobody knows the provider any more that the next one goes to.</summary>
public sealed class MissingProviderTests : IDisposable
{
    private const string Waits = "What is left of it waits for the provider 'gone', which is not registered.";

    private readonly World world = new();
    private readonly FakeProvider gone = new("gone") { Answer = Results.Busy };

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task It_is_said_once_and_the_batch_ends_when_it_has_waited_long_enough()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m"));
        await using var engine = await Engine.StartAsync(world);

        await SweepAsync(engine, days: 6);
        Assert.Equal((BatchStatus.Running, Waits), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).FailureReason));
        Assert.Single(engine.Reports);
        await SweepAsync(engine, days: 2);

        var batch = await engine.BatchAsync(id);
        const string Why = "Given up: the provider 'gone' was not registered 168 hours after it was last heard of.";
        Assert.Equal((BatchStatus.Completed, 3, Why), (batch.Status, batch.FailedCount, batch.FailureReason));
        var entry = Assert.Single(await engine.Store.ReadResultsAsync(id, 0, 1, default), row => row.Entry.CustomId == "e1").Entry;
        Assert.Equal((FailureCodes.GivenUp, Why), (entry.ErrorCode, entry.ErrorMessage));
        Assert.Single(engine.Reports);
    }

    [Fact]
    public async Task Provider_that_comes_back_goes_on_and_nothing_is_said_at_the_end()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m"));
        await using (var without = await Engine.StartAsync(world))
            await SweepAsync(without, days: 6);

        gone.Answer = Results.Ok;
        await using var with = await WithAsync();
        await with.Resume.RunOnceAsync();
        await with.DeliverAsync();
        await with.Submit.RunOnceAsync();
        gone.Set(ProviderBatchState.Ended);
        await with.PollAsync(id);

        var batch = await with.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 3, (string?)null), (batch.Status, batch.SucceededCount, batch.FailureReason));
    }

    [Fact]
    public async Task Batch_that_waits_can_be_cancelled()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m"));
        await using var engine = await Engine.StartAsync(world);
        await SweepAsync(engine, days: 1);

        await engine.Client.CancelAsync(id);
        await engine.DeliverAsync();

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Person_who_waits_is_told_at_once()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m"));
        await using var engine = await Engine.StartAsync(world);

        var said = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.RunToEndAsync(id));

        Assert.Equal((OffpeakErrorCode.UnknownProvider, true), (said.Code, said.Message.Contains("'gone'", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Fallback_that_is_gone_when_it_is_due_is_waited_for_as_long()
    {
        long id;
        await using (var first = await WithAsync())
            id = await SubmitAsync(first, new NewBatch("fake/model-1") { Fallback = "gone/m", MaxRounds = 1 });

        await using var engine = await Engine.StartAsync(world);
        world.Provider.Answer = Results.Busy;
        world.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Equal((BatchStatus.Running, Waits), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).FailureReason));

        await SweepAsync(engine, days: 8);

        Assert.Equal((BatchStatus.Completed, 1), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).FailedCount));
        Assert.Single(engine.Reports);
    }

    [Fact]
    public async Task Fallback_is_asked_when_a_provider_has_been_gone_for_long_enough()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m") { Fallback = "fake/model-1", MaxRounds = 3 });
        await using var engine = await Engine.StartAsync(world);

        await SweepAsync(engine, days: 8);
        await engine.Submit.RunOnceAsync();
        world.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 1, (string?)null), (batch.Status, batch.SucceededCount, batch.FailureReason));
    }

    [Fact]
    public async Task Conversations_wait_for_a_provider_without_a_call_of_a_tool()
    {
        var id = await BetweenRoundsAsync(new NewBatch("gone/m"));
        await using var engine = await Engine.StartAsync(world);

        await engine.RunAsync(new WorkItem(WorkKind.Tools, id));

        Assert.Equal((Waits, (string?)null), ((await engine.BatchAsync(id)).FailureReason, (await engine.BatchAsync(id)).LeaseOwner));
    }

    private Task<Engine> WithAsync() => Engine.StartAsync(world, null, services => services.AddSingleton<IBatchProvider>(gone));

    private async Task<long> BetweenRoundsAsync(NewBatch description)
    {
        await using var engine = await WithAsync();
        var id = description.Fallback is null ? await engine.SubmitAsync(3, description) : await SubmitAsync(engine, description);
        gone.Set(ProviderBatchState.Ended);
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "TryPlanShardAsync")
                throw new KilledException();
        };
        await Assert.ThrowsAsync<KilledException>(() => engine.PollAsync(id));
        return id;
    }

    private static async Task<long> SubmitAsync(Engine engine, NewBatch description)
    {
        var batch = await engine.Client.CreateAsync(description);
        await engine.Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("e1", "hi")]);
        await engine.Client.SubmitAsync(batch.Id);
        await engine.Submit.RunOnceAsync();
        return batch.Id;
    }

    private static async Task SweepAsync(Engine engine, int days)
    {
        for (var hour = 0; hour < days * 24; hour += 6)
        {
            engine.Time.Advance(TimeSpan.FromHours(6));
            foreach (var sweep in new[] { engine.Resume, engine.Reconcile, engine.Submit, engine.Expire })
                await sweep.RunOnceAsync();

            await engine.DeliverAsync();
        }
    }
}
