using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>A budget, where money could slip past it. A token of input costs one dollar here, after the batch price.</summary>
public sealed class BudgetTests
{
    private static readonly decimal OneEntry = TokenEstimate.FromBytes(FakeCodec.Body("e1").Length).Tokens;

    [Fact]
    public async Task Shard_that_waited_is_not_sent_once_the_budget_is_used_up()
    {
        await using var engine = await StartAsync();
        var id = await SendOnlyTheFirstAsync(engine, entries: 2, budget: 3 * OneEntry);
        await EndWithCostAsync(engine, id, shard: 0, 3 * OneEntry);
        await LetWaitingShardsGoAsync(engine);

        Assert.Single(engine.Provider.Batches);
        Assert.Equal("budget_exhausted", (await engine.EntryAsync(id, "e2")).ErrorCode);
        Assert.Equal(1, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Shard_waits_while_what_is_under_way_may_use_up_the_budget()
    {
        await using var engine = await StartAsync();
        var id = await SendOnlyTheFirstAsync(engine, entries: 3, budget: 4 * OneEntry);
        await EndWithCostAsync(engine, id, shard: 0, 2.5m * OneEntry);
        await LetWaitingShardsGoAsync(engine);

        Assert.Equal(2, engine.Provider.Batches.Count);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Budget), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).Trouble!.Class));

        await EndWithCostAsync(engine, id, shard: 1, 0.1m * OneEntry);
        await LetWaitingShardsGoAsync(engine);
        Assert.Equal(3, engine.Provider.Batches.Count);
    }

    [Fact]
    public async Task Fallback_whose_price_is_unknown_is_refused_like_a_model_whose_price_is_unknown()
    {
        await using var engine = await StartAsync(services => services.AddSingleton<IBatchProvider>(new FakeProvider("other")));
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1") { MaxCost = 1_000_000, Fallback = "other/unpriced" });
        await engine.Client.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("a", "hi")]);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(batch.Id));

        Assert.Equal(OffpeakErrorCode.Budget, error.Code);
        Assert.Contains("other/unpriced", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_that_are_added_between_the_check_and_the_submit_are_checked_too()
    {
        using var world = new World();
        await using var other = await StartAsync(world: world);
        await using var engine = await StartAsync(world: world);
        var id = await engine.BuildAsync(1, new NewBatch("fake/model-1") { MaxCost = 2 * OneEntry });
        var dear = NewEntry.FromBody("dear", FakeCodec.Body(new string('x', 1000)));
        engine.Hooks.Once("TryPlanShardAsync", () => other.Client.AddEntriesAsync(id, [dear]));

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(id));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(OffpeakErrorCode.Budget, error.Code);
        Assert.Empty(world.Provider.Batches);
    }

    [Fact]
    public async Task Entries_that_are_added_between_planning_and_submit_are_neither_lost_nor_left_to_a_later_round()
    {
        using var world = new World();
        await using var other = await StartAsync(world: world);
        await using var engine = await StartAsync(world: world);
        var id = await engine.BuildAsync();
        engine.Hooks.Once("TryChangeBatchAsync", () => other.Client.AddEntriesAsync(id, [Engine.Entry("late")]));

        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();

        world.Provider.Set(ProviderBatchState.Ended);
        await engine.DeliverAsync();

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 2, 1), (batch.Status, batch.SucceededCount, batch.Round));
    }

    [Fact]
    public async Task Budget_that_is_set_on_a_running_batch_without_a_price_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ChangeBudgetAsync(id, 5m));

        Assert.Equal((OffpeakErrorCode.Budget, null), (error.Code, (await engine.BatchAsync(id)).MaxCost));
        Assert.Contains("fake/model-1", error.Message, StringComparison.Ordinal);
        await engine.Client.ChangeBudgetAsync(id, null);
    }

    [Fact]
    public async Task Budget_that_the_input_just_fits_into_is_enough_and_one_below_says_what_it_would_cost()
    {
        await using var engine = await StartAsync();
        var id = await engine.BuildAsync(3, new NewBatch("fake/model-1") { MaxCost = (3 * OneEntry) - 0.000_001m });

        var refused = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.SubmitAsync(id));
        await engine.Client.ChangeBudgetAsync(id, 3 * OneEntry);
        await engine.Client.SubmitAsync(id);

        Assert.Equal(OffpeakErrorCode.Budget, refused.Code);
        Assert.StartsWith($"The input alone is about {3 * OneEntry:N0} tokens and ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(BatchStatus.Running, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Budget_that_is_set_on_a_running_batch_with_a_fallback_without_a_price_is_refused()
    {
        await using var engine = await StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Fallback = "fake/unpriced" })).Id;
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromPrompt("a", "text")]);
        await engine.Client.SubmitAsync(id);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.ChangeBudgetAsync(id, 5m));

        Assert.Equal(OffpeakErrorCode.Budget, error.Code);
        Assert.Contains("fake/unpriced", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Price_that_is_taken_away_is_trouble_on_the_row_until_it_is_back()
    {
        using var world = new World();
        await using var priced = await StartAsync(world: world);
        world.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await priced.BuildAsync(1, new NewBatch("fake/model-1") { MaxCost = 100 * OneEntry });
        await priced.Client.SubmitAsync(id);
        world.Provider.BeforeCreate = null;

        await using var engine = await Engine.StartAsync(world);
        for (var sweep = 0; sweep < 3; sweep++)
        {
            await engine.Submit.RunOnceAsync();
            var waiting = await engine.ShardAsync(id);
            Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Budget, true), (waiting.Status, waiting.Trouble!.Class, waiting.Trouble.IsPaused));
            Assert.True(waiting.NextSubmitAt > engine.Now);
            engine.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Single(engine.Reports);
        await priced.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await priced.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Shard_that_waits_for_the_budget_is_read_once()
    {
        await using var engine = await StartAsync();
        var id = await SendOnlyTheFirstAsync(engine, entries: 3, budget: 4 * OneEntry);
        await EndWithCostAsync(engine, id, shard: 0, 2.5m * OneEntry);
        await LetWaitingShardsGoAsync(engine);
        var pages = 0;
        engine.Hooks.OnVerb = verb => pages += verb == "ReadShardRequestsAsync" ? 1 : 0;
        for (var look = 0; look < 10; look++)
            await LetWaitingShardsGoAsync(engine);

        Assert.Equal((ProviderErrorClass.Budget, 0), ((await engine.ShardAsync(id)).Trouble!.Class, pages));
    }

    [Theory]
    [InlineData(900_000_000_000_000_000)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public async Task Usage_that_nobody_can_have_paid_uses_up_no_budget_and_enters_no_sum(long tokens)
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) with { Usage = new TokenUsage(tokens, 0, 1) } : Results.Busy(entry);
        var id = await engine.SubmitAsync(3, new NewBatch("fake/model-1") { MaxCost = 1_000 * OneEntry });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Equal((null, null, null), ((await engine.BatchAsync(id)).Cost, (await engine.BatchAsync(id)).InputTokens, (await engine.EntryAsync(id, "e1")).InputTokens));

        engine.Provider.Answer = Results.Ok;
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Equal((BatchStatus.Completed, 3, 200L), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).InputTokens));
    }

    [Fact]
    public async Task Cost_from_usage_has_the_same_bound_as_a_cost_that_is_reported()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => Results.Ok(entry) with { Usage = new TokenUsage(1_000_000_000, 0, 1) };
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((1, null), ((await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).Cost));
    }

    [Fact]
    public async Task Budget_that_is_lowered_during_the_upload_holds_for_the_create_call()
    {
        await using var engine = await StartAsync();
        var id = await engine.BuildAsync(2, new NewBatch("fake/model-1") { MaxCost = 100 * OneEntry });
        await engine.Client.SubmitAsync(id);
        engine.Hooks.OnCall = (verb, arguments) =>
        {
            if (verb != "TryChangeShardAsync" || arguments[1] is not ShardChange { Journal.IsSet: true })
                return;

            engine.Hooks.OnCall = null;
            engine.Client.ChangeBudgetAsync(id, OneEntry).GetAwaiter().GetResult();
        };
        await engine.Submit.RunOnceAsync();
        Assert.Null(engine.Hooks.OnCall);
        Assert.Equal((ShardStatus.Pending, null), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).CreateBegunAt));

        await engine.Submit.RunOnceAsync();

        Assert.Empty(engine.Provider.Batches);
        Assert.Equal("budget_exhausted", (await engine.EntryAsync(id, "e2")).ErrorCode);
    }

    [Fact]
    public async Task Batch_that_its_budget_stopped_goes_on_with_a_larger_one()
    {
        await using var engine = await StartAsync();
        var id = await SendOnlyTheFirstAsync(engine, entries: 2, budget: 3 * OneEntry);
        await EndWithCostAsync(engine, id, shard: 0, 3 * OneEntry);
        await LetWaitingShardsGoAsync(engine);
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);

        await engine.Client.ChangeBudgetAsync(id, 100 * OneEntry);
        await engine.Client.RetryAsync(id);
        await LetWaitingShardsGoAsync(engine);

        Assert.Equal(2, (await engine.FinishAsync(id)).SucceededCount);
        Assert.Equal(2, engine.Provider.Batches.Count);
    }

    [Fact]
    public async Task Budget_that_is_changed_while_the_handler_runs_takes_nothing_of_what_the_handler_said()
    {
        var handler = new ScriptedHandler();
        await using var engine = await StartAsync(services => services.AddSingleton(handler), build: offpeak => offpeak.AddHandler<ScriptedHandler>("scripted"));
        handler.OnRun = async outcome =>
        {
            await engine.Client.ChangeBudgetAsync(outcome.Batch.Id, 100 * OneEntry);
            throw new InvalidOperationException("not today");
        };
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { Handler = "scripted" });
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((100 * OneEntry, "InvalidOperationException: not today", null), (batch.MaxCost, batch.DispatchError, batch.LeaseOwner));
    }

    private static Task<Engine> StartAsync(Action<IServiceCollection>? more = null, World? world = null, Action<OffpeakBuilder>? build = null) => Engine.StartAsync(
        world ?? new World(), options => options.Prices["fake/model-1"] = new ModelPrice(2_000_000), more, build, ownsWorld: world is null);

    private static async Task<long> SendOnlyTheFirstAsync(Engine engine, int entries, decimal budget)
    {
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        engine.Provider.BeforeCreate = _ => engine.Provider.Batches.Count > 0 ? throw new ProviderException(ProviderErrorClass.RateLimited, "Later.") : Task.CompletedTask;
        var id = await engine.SubmitAsync(entries, new NewBatch("fake/model-1") { MaxCost = budget });
        Assert.Single(engine.Provider.Batches);
        engine.Provider.BeforeCreate = null;
        return id;
    }

    private static async Task EndWithCostAsync(Engine engine, long id, int shard, decimal cost)
    {
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = cost };
        engine.Provider.Set(ProviderBatchState.Ended);
        var row = (await engine.ShardsAsync(id))[shard];
        await engine.RunAsync(new Work.WorkItem(Work.WorkKind.Poll, row.Id, row.PollGeneration));
    }

    private static async Task LetWaitingShardsGoAsync(Engine engine)
    {
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
    }
}
