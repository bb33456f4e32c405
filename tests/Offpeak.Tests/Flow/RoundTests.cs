using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class RoundTests
{
    [Fact]
    public async Task Round_asks_again_for_expired_missing_and_busy_entries_and_for_no_others()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(6);
        engine.Provider.Answer = entry => entry.CustomId switch
        {
            "e1" => Results.Ok(entry),
            "e2" => Results.Refused(entry),
            "e3" => Results.Busy(entry),
            "e4" => Results.Expired(entry),
            "e5" => Results.Canceled(entry),
            _ => null,
        };
        await EndRoundAsync(engine, id);

        Assert.Equal(["e3", "e4", "e5", "e6"], engine.Provider.Batches[1].Entries.Select(entry => entry.CustomId));
        Assert.Equal(BatchStatus.Running, (await engine.BatchAsync(id)).Status);
        Assert.Equal((1, 1), ((await engine.CountsAsync(id)).Succeeded, (await engine.CountsAsync(id)).Failed));
    }

    [Fact]
    public async Task Round_answers_fill_in_what_was_missing_and_the_batch_completes()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(2);
        engine.Provider.Answer = entry => entry.CustomId == "e1" ? Results.Ok(entry) : Results.Busy(entry);
        await EndRoundAsync(engine, id);
        engine.Provider.Answer = Results.Ok;
        await EndRoundAsync(engine, id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 2, 2), (batch.Status, batch.SucceededCount, batch.Round));
        var entry = await engine.EntryAsync(id, "e2");
        Assert.Equal((2, null, 200), (entry.Attempts, entry.ErrorCode, entry.StatusCode));
    }

    [Fact]
    public async Task Round_limit_ends_it_and_each_entry_keeps_its_own_reason()
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 2);
        var id = await engine.SubmitAsync(3);
        engine.Provider.Answer = entry => entry.CustomId switch
        {
            "e1" => Results.Busy(entry),
            "e2" => Results.Expired(entry),
            _ => null,
        };
        await EndRoundAsync(engine, id);
        await EndRoundAsync(engine, id);
        await EndRoundAsync(engine, id);

        Assert.Equal(2, engine.Provider.Batches.Count);
        var entries = (await engine.EntriesAsync(id)).Select(entry => (entry.Status, entry.ErrorCode));
        Assert.Equal([(EntryStatus.Failed, "overloaded"), (EntryStatus.Expired, null), (EntryStatus.Failed, FailureCodes.Missing)], entries);
        Assert.Equal(BatchStatus.Expired, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Round_of_one_batch_can_be_set_with_the_batch()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(1, new NewBatch("fake/model-1") { MaxRounds = 1 });
        engine.Provider.Answer = Results.Busy;
        await EndRoundAsync(engine, id);

        Assert.Single(engine.Provider.Batches);
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
    }

    [Fact]
    public async Task Round_starts_only_when_every_shard_of_the_last_one_is_read()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.SubmitAsync(2);
        world.Provider.Answer = Results.Busy;
        world.Provider.Batches[0].Snapshot = new() { State = ProviderBatchState.Ended };
        await engine.DeliverAsync();
        Assert.Equal(1, (await engine.BatchAsync(id)).Round);

        world.Provider.Set(ProviderBatchState.Ended);
        await engine.DeliverAsync();

        Assert.Equal(2, (await engine.BatchAsync(id)).Round);
        Assert.Equal(4, (await engine.ShardsAsync(id)).Count);
    }

    [Fact]
    public async Task Round_after_an_expired_provider_batch_keeps_its_answers_and_asks_for_the_rest()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Provider.Answer = entry => entry.CustomId == "e2" ? Results.Ok(entry) : null;
        engine.Provider.Set(ProviderBatchState.Expired);
        await engine.PollAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Equal(["e1", "e3"], engine.Provider.Batches[1].Entries.Select(entry => entry.CustomId));
    }

    [Fact]
    public async Task Round_each_has_a_submission_key_of_its_own()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Answer = Results.Busy;
        await EndRoundAsync(engine, id);

        Assert.Distinct(engine.Provider.Batches.Select(batch => batch.Key));
    }

    private static async Task EndRoundAsync(Engine engine, long id)
    {
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        await engine.Submit.RunOnceAsync();
    }
}
