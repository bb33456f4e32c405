using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Local;

public sealed class FallbackTests
{
    private static readonly NewBatch Description = new("fake/model-1") { Fallback = "local/llama3", MaxRounds = 2 };

    [Fact]
    public async Task What_is_missing_after_the_last_round_goes_to_the_fallback()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = entry => entry.CustomId == "prompt 1" ? Results.Ok(entry) : Results.Busy(entry);
        var id = await SubmitAsync(engine, Description);

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 3, 3), (batch.Status, batch.SucceededCount, batch.Round));
        Assert.Equal(["fake", "fake", "local"], (await engine.ShardsAsync(id)).Select(shard => shard.Provider));
        Assert.Equal(("answer prompt 1", "local prompt 2"), ((await engine.EntryAsync(id, "e1")).Text, (await engine.EntryAsync(id, "e2")).Text));
    }

    [Fact]
    public async Task Batch_that_the_provider_refuses_as_a_whole_goes_to_the_fallback()
    {
        await using var engine = await StartAsync();
        engine.Provider.BeforeCreate = _ => throw new ProviderException(ProviderErrorClass.Refused, "This model cannot be batched.");
        var id = await SubmitAsync(engine, Description);

        Assert.Equal(3, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("full")]
    [InlineData("unknown")]
    public async Task What_no_provider_accepted_in_time_goes_to_the_fallback(string why)
    {
        await using var engine = await StartAsync();
        engine.Provider.OnFind = _ => FindResult.Unknown;
        engine.Provider.BeforeCreate = _ => throw (why switch
        {
            "down" => Fault.Transient(),
            "full" => new ProviderException(ProviderErrorClass.Capacity, "full"),
            _ => Fault.ReplyLost(),
        });
        var id = await SubmitAsync(engine, Description);
        engine.Time.Advance(TimeSpan.FromDays(8));
        await engine.Expire.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal((BatchStatus.Completed, 3), ((await engine.FinishAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
        Assert.Equal("local prompt 1", (await engine.EntryAsync(id, "e1")).Text);
        Assert.Equal(why == "unknown", (await engine.ShardsAsync(id))[0].Doubt is not null);
    }

    [Fact]
    public async Task Deadline_that_passes_while_a_shard_is_uploaded_holds_for_its_create_call()
    {
        await using var engine = await StartAsync();
        engine.Hooks.OnCall = (verb, arguments) =>
        {
            if (verb != "TryChangeShardAsync" || arguments[1] is not ShardChange { Journal.IsSet: true })
                return;

            engine.Hooks.OnCall = null;
            engine.Time.Advance(TimeSpan.FromMinutes(1));
        };
        var id = await SubmitAsync(engine, Description with { FallbackAfter = TimeSpan.FromMinutes(1) });
        await engine.Submit.RunOnceAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal((BatchStatus.Completed, 3), ((await engine.FinishAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
        Assert.Empty(engine.Provider.Batches);
    }

    [Fact]
    public async Task Entry_that_was_refused_for_good_does_not_go_to_the_fallback()
    {
        await using var engine = await StartAsync();
        engine.Provider.Answer = Results.Refused;
        var id = await SubmitAsync(engine, Description);

        Assert.Equal((0, 1), ((await engine.FinishAsync(id)).SucceededCount, (await engine.BatchAsync(id)).Round));
    }

    [Fact]
    public async Task Batch_that_will_miss_its_deadline_is_stopped_and_the_rest_goes_to_the_fallback()
    {
        await using var engine = await StartAsync();
        var id = await SubmitAsync(engine, Description with { FallbackAfter = TimeSpan.FromHours(3) });
        engine.Time.Advance(TimeSpan.FromHours(2));
        await engine.PollAsync(id);
        Assert.Empty(engine.Provider.Canceled);

        // The schedule's next poll would be half an hour later; the deadline comes first.
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.PollAsync(id);
        Assert.Single(engine.Provider.Canceled);
        engine.Provider.Answer = entry => entry.CustomId == "prompt 1" ? Results.Ok(entry) : Results.Canceled(entry);
        engine.Provider.Set(ProviderBatchState.Canceled);
        await engine.PollAsync(id);
        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 3), (batch.Status, batch.SucceededCount));
        Assert.Equal("answer prompt 1", (await engine.EntryAsync(id, "e1")).Text);
    }

    [Fact]
    public async Task Poll_is_never_planned_for_later_than_the_deadline()
    {
        await using var engine = await StartAsync();
        var id = await SubmitAsync(engine, Description with { FallbackAfter = TimeSpan.FromSeconds(90) });
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await engine.PollAsync(id);

        Assert.Equal(engine.Now + TimeSpan.FromSeconds(30), (await engine.ShardAsync(id)).NextPollAt);
    }

    [Fact]
    public async Task Cancelled_batch_does_not_go_to_the_fallback()
    {
        await using var engine = await StartAsync();
        var id = await SubmitAsync(engine, Description);
        await engine.Client.CancelAsync(id);
        engine.Provider.Answer = Results.Canceled;
        engine.Provider.Set(ProviderBatchState.Canceled);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Canceled, 3), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).CanceledCount));
    }

    [Fact]
    public async Task Body_in_the_providers_own_form_has_no_fallback()
    {
        await using var engine = await StartAsync();
        var batch = await engine.Client.CreateAsync(Description);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(batch.Id, [Engine.Entry("a")]));

        Assert.Contains("which the fallback local cannot be asked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_that_is_not_registered_is_refused_before_anything_is_stored()
    {
        await using var engine = await StartAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CreateAsync(Description with { Fallback = "nobody/x" }));

        Assert.Equal(OffpeakErrorCode.UnknownProvider, error.Code);
    }

    [Fact]
    public async Task Round_whose_planning_was_interrupted_until_the_fallbacks_time_goes_to_the_fallback_in_its_own_words()
    {
        var dies = false;
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (!dies || point != FlowPoint.ShardPlanned)
                    return;

                dies = false;
                throw new KilledException();
            },
        };
        await using var engine = await StartAsync(probe);
        engine.Provider.Answer = Results.Busy;
        var id = await SubmitAsync(engine, Description with { FallbackAfter = TimeSpan.FromHours(3) });
        engine.Provider.Set(ProviderBatchState.Ended);
        dies = true;
        await Assert.ThrowsAsync<KilledException>(() => engine.PollAsync(id));
        Assert.Equal(2, (await engine.ShardsAsync(id)).Count);

        engine.Time.Advance(TimeSpan.FromHours(4));
        await engine.Resume.RunOnceAsync(TimeSpan.Zero);
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal((BatchStatus.Completed, 3), ((await engine.FinishAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
        Assert.Equal("local prompt 1", (await engine.EntryAsync(id, "e1")).Text);
        Assert.Single(engine.Provider.Batches);
    }

    private static Task<Engine> StartAsync(FlowProbe? probe = null) =>
        Engine.StartAsync(more: services => services.AddSingleton(probe ?? new FlowProbe()), build: offpeak => offpeak.AddLocal(_ => new ScriptedChatClient(prompt => "local " + prompt)));

    private static async Task<long> SubmitAsync(Engine engine, NewBatch description)
    {
        var batch = await engine.Client.CreateAsync(description);
        await engine.Client.AddEntriesAsync(batch.Id, Enumerable.Range(1, 3).Select(i => NewEntry.FromPrompt($"e{i}", $"prompt {i}")));
        await engine.Client.SubmitAsync(batch.Id);
        await engine.Submit.RunOnceAsync();
        return batch.Id;
    }
}
