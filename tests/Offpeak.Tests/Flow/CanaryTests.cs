using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Flow;

public sealed class CanaryTests
{
    private static readonly NewBatch Description = new("fake/model-1") { Canary = 3 };

    [Fact]
    public async Task Canary_is_sent_first_and_the_rest_follows_when_it_succeeds()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(10, Description);
        Assert.Equal(3, engine.Provider.Only.Entries.Count);

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.SucceededCount));
        Assert.Equal([3, 7], engine.Provider.Batches.Select(sent => sent.Entries.Count));
    }

    [Fact]
    public async Task Rest_is_not_sent_when_too_few_of_the_canary_succeed()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : Results.Refused(entry);
        var id = await engine.SubmitAsync(10, Description);

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 1, 9), (batch.Status, batch.SucceededCount, batch.FailedCount));
        Assert.Single(engine.Provider.Batches);
        Assert.Equal("Stopped after the canary: 1 of the first 3 entries succeeded, 90 % were asked for.", batch.FailureReason);
        Assert.Equal("canary_failed", (await engine.EntryAsync(id, "e9")).ErrorCode);
    }

    [Fact]
    public async Task Rest_is_not_sent_when_the_provider_refuses_the_canary_as_a_whole()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ =>
        {
            engine.Provider.BeforeCreate = null;
            throw Fault.Refused();
        };
        var id = await engine.SubmitAsync(10, Description);

        var batch = await engine.FinishAsync(id);

        Assert.Empty(engine.Provider.Batches);
        Assert.Equal(10, batch.FailedCount);
        Assert.Equal("Stopped after the canary: 0 of the first 3 entries succeeded, 90 % were asked for.", batch.FailureReason);
    }

    [Fact]
    public async Task Share_that_must_succeed_can_be_chosen()
    {
        await using var engine = await Engine.StartAsync(options => options.CanaryShare = 0.3);
        engine.Provider.Answer = entry => entry.CustomId == "e2" ? Results.Refused(entry) : Results.Ok(entry);
        var id = await engine.SubmitAsync(10, Description);

        Assert.Equal(9, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Passing_failure_in_the_canary_is_no_success()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = Results.Busy;
        var id = await engine.SubmitAsync(10, Description);

        Assert.Contains("0 of the first 3", (await engine.FinishAsync(id)).FailureReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("length")]
    public async Task Answers_that_break_their_schema_or_were_cut_off_do_not_open_the_rest(string finishReason)
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("""{"size":"big"}""", finishReason));
        var id = await engine.SubmitAsync(
            Description, [.. Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e{i}", "hi", ChatAnswers.WithSchema))]);

        var batch = await engine.FinishAsync(id);

        Assert.Equal(3, engine.Provider.Only.Entries.Count);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.FailedCount));
        Assert.Contains("0 of the first 3", batch.FailureReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("blocked")]
    [InlineData("empty")]
    [InlineData("starved")]
    public async Task Answers_that_are_none_do_not_open_the_rest(string kind)
    {
        await using var engine = await ChatAnswers.StartAsync(_ => kind switch
        {
            "refused" => ChatAnswers.Say("No.").AsRefused("No."),
            "blocked" => ChatAnswers.Say("Half").AsBlocked("SAFETY"),
            _ => ChatAnswers.SayNothing(kind == "empty" ? "stop" : "length"),
        });
        var id = await engine.SubmitAsync(
            Description, [.. Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e{i}", "hi", new() { MaxOutputTokens = 50 }))]);

        var batch = await engine.FinishAsync(id);

        Assert.Equal(3, engine.Provider.Only.Entries.Count);
        Assert.Equal((BatchStatus.Completed, 10), (batch.Status, batch.FailedCount));
        Assert.Equal("Stopped after the canary: 0 of the first 3 entries succeeded, 90 % were asked for.", batch.FailureReason);
    }

    [Fact]
    public async Task Answers_that_pause_open_the_rest()
    {
        await using var engine = await ChatAnswers.StartAsync(
            request => ChatAnswers.Roles(request).Last() == "assistant" ? ChatAnswers.Say("done") : ChatAnswers.Say("wait", "pause_turn"));
        var id = await engine.SubmitAsync(Description, [.. Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e{i}", "hi"))]);

        Assert.Equal(10, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Answers_that_call_tools_open_the_rest()
    {
        await using var engine = await ChatAnswers.StartAsync(
            request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("weather", "{}"));
        var id = await engine.SubmitAsync(
            Description with { MaxTurns = 1 }, [.. Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e{i}", "hi"))]);

        Assert.Equal(10, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task As_many_rounds_as_there_are_stay_as_many_with_a_canary_and_after_a_retry()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = int.MaxValue);
        engine.Provider.Answer = Results.Refused;
        var id = await engine.SubmitAsync(4, Description);
        Assert.Equal(int.MaxValue, (await engine.BatchAsync(id)).MaxRounds);
        await engine.FinishAsync(id);

        await engine.Client.RetryAsync(id);

        Assert.Equal(int.MaxValue, (await engine.BatchAsync(id)).MaxRounds);
    }

    [Fact]
    public async Task Retry_after_a_dead_canary_sends_everything()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = Results.Refused;
        var id = await engine.SubmitAsync(10, Description);
        await engine.FinishAsync(id);

        engine.Provider.Answer = Results.Ok;
        await engine.Client.RetryAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Equal((10, (string?)null), ((await engine.FinishAsync(id)).SucceededCount, (await engine.BatchAsync(id)).FailureReason));
    }

    [Fact]
    public async Task Canary_is_cut_into_as_many_shards_as_the_provider_wants()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 2 };
        await engine.SubmitAsync(10, Description);

        Assert.Equal([1, 2], engine.Provider.Batches.Select(sent => sent.Entries.Count).Order());
    }

    [Fact]
    public async Task Canary_whose_planning_was_interrupted_is_no_larger_for_it()
    {
        using var world = new World();
        world.Provider.Capabilities = new() { MaxEntries = 1 };
        var planned = 0;
        var probe = new Diagnostics.FlowProbe
        {
            OnReached = point => _ = point == Diagnostics.FlowPoint.ShardPlanned && ++planned == 2 ? throw new IOException("killed") : point,
        };
        await using (var first = await Engine.StartAsync(world, more: services => services.AddSingleton(probe)))
        {
            var interrupted = await first.BuildAsync(6, new NewBatch("fake/model-1") { Canary = 3 });
            await Assert.ThrowsAsync<IOException>(() => first.Client.SubmitAsync(interrupted));
        }

        await using var second = await Engine.StartAsync(world);
        await second.Client.SubmitAsync(1);

        Assert.Equal([1, 1, 1], (await second.ShardsAsync(1)).Select(shard => shard.EntryCount));
    }

    [Fact]
    public async Task Canary_that_was_cut_into_shards_is_judged_as_one()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : Results.Refused(entry);
        var id = await engine.SubmitAsync(10, Description);
        engine.Provider.Set(ProviderBatchState.Ended);
        foreach (var shard in await engine.ShardsAsync(id))
            await engine.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration));

        Assert.Contains("1 of the first 3", (await engine.BatchAsync(id)).FailureReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Share_that_is_just_reached_is_enough()
    {
        await using var engine = await Engine.StartAsync(options => options.CanaryShare = 0.5);
        engine.Provider.Answer = entry => entry.CustomId is "e1" or "e2" ? Results.Refused(entry) : Results.Ok(entry);
        var id = await engine.SubmitAsync(10, Description with { Canary = 4 });

        Assert.Equal(8, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Answers_that_go_on_with_a_tool_count_for_the_canary_and_are_gone_on_with()
    {
        await using var engine = await ChatAnswers.StartAsync(
            request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("weather", """{"city":"Bonn"}"""),
            build: offpeak => offpeak.AddTool(AIFunctionFactory.Create((string city) => city, "weather")));
        var id = await engine.SubmitAsync(
            Description with { Canary = 1, MaxTurns = 2 }, NewEntry.FromPrompt("a", "a"), NewEntry.FromPrompt("b", "b"), NewEntry.FromPrompt("c", "c"));
        Assert.Single(engine.Provider.Only.Entries);

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 3, null), (batch.Status, batch.SucceededCount, batch.Canary));
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("not sent")]
    [InlineData("given up")]
    public async Task Canary_that_had_no_time_to_answer_is_not_dead_and_all_goes_to_the_fallback(string why)
    {
        var other = new FakeProvider("other");
        await using var engine = await Engine.StartAsync(more: services => services.AddSingleton<IBatchProvider>(other));
        engine.Provider.BeforeCreate = _ => why == "stopped" ? Task.CompletedTask : throw Fault.Transient();
        var id = await SubmitWithFallbackAsync(engine, why == "given up" ? null : TimeSpan.FromHours(3));
        engine.Time.Advance(why == "given up" ? TimeSpan.FromDays(8) : TimeSpan.FromHours(3));
        await StopAsync(engine, id, Results.Canceled);

        Assert.Equal(10, other.Only.Entries.Count);
        Assert.Null((await engine.BatchAsync(id)).FailureReason);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Canary_that_was_stopped_is_dead_if_the_rest_of_it_could_not_have_saved_it(int refused, bool lives)
    {
        var other = new FakeProvider("other");
        await using var engine = await Engine.StartAsync(options => options.CanaryShare = 0.6, services => services.AddSingleton<IBatchProvider>(other));
        var id = await SubmitWithFallbackAsync(engine, TimeSpan.FromHours(3));
        engine.Time.Advance(TimeSpan.FromHours(3));
        var count = 0;
        await StopAsync(engine, id, entry => count++ < refused ? Results.Refused(entry) : Results.Canceled(entry));

        Assert.Equal(lives ? 10 - refused : 0, other.Batches.Sum(sent => sent.Entries.Count));
        Assert.Equal(lives ? null : "Stopped after the canary: 0 of the first 3 entries succeeded, 60 % were asked for.", (await engine.BatchAsync(id)).FailureReason);
    }

    [Fact]
    public async Task Canary_of_less_than_one_entry_is_refused()
    {
        await using var engine = await Engine.StartAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CreateAsync(Description with { Canary = 0 }));

        Assert.Equal("A canary is 1 entry or more, not 0.", error.Message);
    }

    private static async Task<long> SubmitWithFallbackAsync(Engine engine, TimeSpan? after)
    {
        var id = (await engine.Client.CreateAsync(Description with { Fallback = "other/m", FallbackAfter = after })).Id;
        await engine.Client.AddEntriesAsync(id, Enumerable.Range(1, 10).Select(i => NewEntry.FromPrompt($"e{i}", $"e{i}")));
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();
        return id;
    }

    // The provider is told to stop, and has stopped; or the sweeps find that it was never reached.
    private static async Task StopAsync(Engine engine, long id, Func<FakeEntry, ProviderResult?> answer)
    {
        for (var look = 0; look < 2 && engine.Provider.Batches.Count > 0; look++)
        {
            await engine.PollAsync(id);
            engine.Provider.Answer = answer;
            engine.Provider.Set(ProviderBatchState.Canceled);
        }

        await engine.Expire.RunOnceAsync();
        await engine.Submit.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();
    }
}
