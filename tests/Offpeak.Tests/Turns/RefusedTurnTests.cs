using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Turns;

/// <summary>A next turn that the store does not take.</summary>
public sealed class RefusedTurnTests
{
    private static readonly NewBatch Description = new("fake/model-1") { MaxTurns = 3 };

    private int calls;

    [Fact]
    public async Task Turn_that_the_store_refuses_for_ever_is_that_entrys_fate()
    {
        await using var engine = await StartAsync();
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"));
        var odd = (await engine.Store.ReadRequestsAsync(id, 0, long.MaxValue, default))[1].EntryId;
        engine.Hooks.OnCall = (verb, arguments) =>
        {
            if (verb == "TrySaveTurnAsync" && ((EntryTurn)arguments[0]!).EntryId == odd)
                throw new InvalidOperationException("string or blob too big");
        };

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 1, 1), (batch.Status, batch.SucceededCount, batch.FailedCount));
        var refused = await engine.EntryAsync(id, "b");
        Assert.Equal((FailureCodes.NotContinued, "The next turn could not be stored: InvalidOperationException."), (refused.ErrorCode, refused.ErrorMessage));
        Assert.Contains(engine.Reports, report => report.BatchId == id && report.Exception.Message == "string or blob too big");
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Turn_that_the_store_takes_at_the_second_try_costs_nothing()
    {
        await using var engine = await StartAsync();
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Hooks.Once("TrySaveTurnAsync", () => throw new InvalidOperationException("The database hiccups."));

        Assert.Equal(1, (await engine.FinishAsync(id)).SucceededCount);

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Store_that_is_away_fails_no_entry()
    {
        await using var engine = await StartAsync();
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"));
        engine.Hooks.OnVerb = verb =>
        {
            if (verb is "TrySaveTurnAsync" or "RenewLeaseAsync")
                throw new InvalidOperationException("The database is away.");
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.PollAsync(id));
        engine.Hooks.OnVerb = null;

        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal(2, (await engine.FinishAsync(id)).SucceededCount);
    }

    private Task<Engine> StartAsync() => ChatAnswers.StartAsync(
        request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("weather", """{"city":"Bonn"}"""),
        build: offpeak => offpeak.AddTool(AIFunctionFactory.Create(Weather, "weather")));

    private string Weather(string city)
    {
        Interlocked.Increment(ref calls);
        return $"rain in {city}";
    }

    private static NewEntry Entry(string id) =>
        NewEntry.FromPrompt(id, "Weather?", new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city, "weather")] });
}
