using System.Globalization;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>A provider that answers while it works (xAI) stops a batch for want of room: what it has answered is paid for.</summary>
public sealed class PartlyAnsweredRequeueTests
{
    private static readonly ProviderFailure NoRoom = new(ProviderErrorClass.Capacity, "capacity", "The team's quota is used up.");

    [Fact]
    public async Task What_was_answered_before_is_not_sent_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        var first = engine.Provider.Only;
        first.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : null;
        first.Snapshot = new() { State = ProviderBatchState.Running, Status = new("in_progress"), HasPartialResults = true };
        await engine.PollAsync(id);
        Assert.Equal(1, (await engine.BatchAsync(id)).SucceededCount);

        first.Snapshot = new() { State = ProviderBatchState.Failed, Status = new("failed"), Failure = NoRoom };
        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(["e2"], engine.Provider.Batches[^1].Entries.Select(entry => entry.CustomId));
    }

    [Fact]
    public async Task What_it_holds_at_its_end_is_read_also_in_the_last_round()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = await engine.SubmitAsync(2);
        var first = engine.Provider.Only;
        first.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : null;
        first.Snapshot = new() { State = ProviderBatchState.Failed, Status = new("failed"), Failure = NoRoom };
        await engine.PollAsync(id);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal((1, 1), ((await engine.BatchAsync(id)).SucceededCount, engine.Provider.Batches[^1].Entries.Count));

        engine.Provider.Batches[^1].Snapshot = new() { State = ProviderBatchState.Ended };
        await engine.PollAsync(id);
        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public async Task What_there_was_no_room_for_does_not_kill_a_canary(int answered)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(20, new NewBatch("fake/model-1") { Canary = 12 });
        var first = engine.Provider.Only;
        first.Answer = entry => int.Parse(entry.CustomId[1..], CultureInfo.InvariantCulture) <= answered ? Results.Ok(entry) : null;
        first.Snapshot = new() { State = ProviderBatchState.Failed, Failure = NoRoom };
        await engine.PollAsync(id);
        for (var hour = 0; hour < 5; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
            foreach (var batch in engine.Provider.Batches.Skip(1))
                batch.Snapshot = new() { State = ProviderBatchState.Ended };
            await engine.DeliverAsync();
        }

        Assert.Equal((BatchStatus.Completed, 20), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }
}
