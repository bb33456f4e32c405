using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>
/// A create call without a reply whose batch the provider's list did not show in time, so that it was sent again. What was made twice is paid
/// twice: it is looked for again, and what stays uncertain is said.
/// </summary>
public sealed class LostCreateTests
{
    [Fact]
    public async Task Batch_that_shows_after_it_was_sent_again_is_found_at_the_end_shown_reported_and_stopped()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = null;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var shard = (await engine.Client.GetAsync(id)).Shards[^1];
        Assert.Equal(("pb-2", null), (shard.ProviderBatchId, shard.Doubt));
        Assert.Equal(["pb-1"], shard.Doubles);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
        Assert.Contains(engine.Reports, report => report.BatchId == id && report.Exception.Message.Contains("pb-1", StringComparison.Ordinal));
        Assert.Equal((BatchStatus.Completed, 2), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Doubt_that_the_provider_cannot_clear_is_shown()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Unknown;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        var details = await engine.Client.GetAsync(id);
        Assert.Contains("check its console", details.Shards[^1].Doubt, StringComparison.Ordinal);
        Assert.Equal(BatchStatus.Completed, details.Batch.Status);
    }

    [Fact]
    public async Task Doubt_is_shown_when_the_provider_finds_one_and_cannot_tell_of_another()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => FindResult.Found(["pb-2"], mayBeMore: true);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Contains("check its console", (await engine.ShardAsync(id)).Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doubt_is_shown_when_only_another_key_can_be_looked_with()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Hooks.OnVerb = verb =>
        {
            // The results are read with the key that is new from here on.
            if (verb == "ApplyResultsAsync")
                engine.Provider.KeyFingerprint = "fp-2";
        };
        await engine.PollAsync(id);

        Assert.Contains("another key", (await engine.ShardAsync(id)).Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_that_cannot_be_asked_at_the_end_is_asked_again_and_then_the_doubt_is_said()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => throw Fault.Transient();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Null((await engine.ShardAsync(id)).ResultsFetchedAt);

        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.PollAsync(id);

        Assert.NotNull((await engine.ShardAsync(id)).Doubt);
        Assert.Equal(2, (await engine.BatchAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Provider_is_not_looked_through_when_every_create_call_was_answered()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(0, engine.Provider.Finds);
    }

    [Fact]
    public async Task Batch_that_is_discarded_by_the_operator_and_shows_later_is_a_double()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.AfterCreate = null;
        await engine.Client.ResolveAsync((await engine.ShardAsync(id)).Id, ShardResolution.Discard);
        await engine.Submit.RunOnceAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(["pb-1"], (await engine.ShardAsync(id)).Doubles);
    }

    [Fact]
    public async Task Batch_that_shows_after_its_shard_was_cancelled_is_a_double()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAndBelieveAbsentAsync(engine);
        engine.Provider.OnFind = null;
        await engine.Client.CancelAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Equal(["pb-1"], (await engine.ShardAsync(id)).Doubles);
        Assert.Equal(["pb-1"], engine.Provider.Canceled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Batch_that_shows_after_its_shard_was_cut_in_two_is_a_double(bool refusedAtTheCreateCall)
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAndBelieveAbsentAsync(engine);
        if (refusedAtTheCreateCall)
            engine.Provider.BeforeCreate = submission => submission.Shard.EntryCount > 1 ? throw Full() : Task.CompletedTask;
        else
            engine.Provider.OnStatus = _ => Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Failed, Failure = new(ProviderErrorClass.Capacity, "full", "Full.") });

        engine.Provider.OnFind = null;
        await engine.Submit.RunOnceAsync();
        for (var hour = 0; hour < 5 && (await engine.ShardsAsync(id)).Count == 1; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.DeliverAsync();
            await engine.Submit.RunOnceAsync();
        }

        var shards = await engine.ShardsAsync(id);
        Assert.Equal(3, shards.Count);
        Assert.Contains("pb-1", shards[0].Doubles);
        Assert.Contains("pb-1", engine.Provider.Canceled);
    }

    [Fact]
    public async Task Doubt_stays_on_a_shard_that_was_cut_in_two_while_the_provider_cannot_tell()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAndBelieveAbsentAsync(engine);
        engine.Provider.OnFind = _ => throw Fault.Transient();
        engine.Provider.BeforeCreate = _ => throw Full();
        for (var hour = 0; hour < 3; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
        }

        var shards = await engine.ShardsAsync(id);
        Assert.Equal(3, shards.Count);
        Assert.Contains("check its console", shards[0].Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_create_that_is_found_is_lost_no_longer_and_not_looked_for_again()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal(("pb-1", 0), ((await engine.ShardAsync(id)).ProviderBatchId, (await engine.ShardAsync(id)).LostCreates));

        engine.Provider.OnFind = _ => FindResult.Unknown;
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);
        Assert.Equal((1, null), (engine.Provider.Finds, (await engine.ShardAsync(id)).Doubt));
    }

    [Fact]
    public async Task Of_two_lost_creates_the_one_that_is_not_found_stays_lost()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAndBelieveAbsentAsync(engine);
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        await engine.Submit.RunOnceAsync();
        Assert.Equal(2, (await engine.ShardAsync(id)).LostCreates);
        engine.Provider.OnFind = _ => FindResult.Found(["pb-2"]);
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(("pb-2", 1), ((await engine.ShardAsync(id)).ProviderBatchId, (await engine.ShardAsync(id)).LostCreates));
    }

    [Fact]
    public async Task More_batches_than_create_calls_were_lost_leave_none_lost()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => FindResult.Found(["pb-1", "pb-8", "pb-9"]);
        await engine.Reconcile.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal(("pb-1", 0, "pb-8,pb-9"), (shard.ProviderBatchId, shard.LostCreates, string.Join(',', shard.Doubles)));
    }

    [Fact]
    public async Task Doubles_that_the_row_names_are_kept_when_one_batch_is_adopted()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        await engine.Store.AddDoubleAsync((await engine.ShardAsync(id)).Id, "pb-old", CancellationToken.None);
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal("pb-old", Assert.Single((await engine.ShardAsync(id)).Doubles));
    }

    [Fact]
    public async Task Only_batches_that_were_refused_or_are_doubles_prove_nothing()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        await engine.Store.AddDoubleAsync((await engine.ShardAsync(id)).Id, "pb-1", CancellationToken.None);

        await engine.Reconcile.RunOnceAsync();

        Assert.Equal((ShardStatus.Unconfirmed, null), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).ProviderBatchId));
    }

    [Fact]
    public async Task Double_that_is_noted_while_others_are_adopted_is_not_lost()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        var shard = await engine.ShardAsync(id);
        engine.Provider.Add(shard.SubmissionKey.Value, "model-1", []);
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeShardAsync" && args[1] is ShardChange { ProviderBatchId.IsSet: true })
            {
                engine.Hooks.OnCall = null;
                engine.Store.AddDoubleAsync(shard.Id, "pb-late", CancellationToken.None).GetAwaiter().GetResult();
            }
        };
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(("pb-1", "pb-late,pb-2"), ((await engine.ShardAsync(id)).ProviderBatchId, string.Join(',', (await engine.ShardAsync(id)).Doubles)));
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(119, false, true)]
    [InlineData(120, false, false)]
    [InlineData(600, false, false)]
    [InlineData(600, true, true)]
    public async Task Doubt_is_said_where_a_provider_cannot_tell_or_may_not_list_the_last_create_yet(int seconds, bool cannotTell, bool isInDoubt)
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = _ => cannotTell ? FindResult.Unknown : FindResult.Absent;
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Time.Advance(TimeSpan.FromSeconds(seconds));
        await engine.PollAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        if (isInDoubt)
            Assert.StartsWith("A create call was never answered", shard.Doubt, StringComparison.Ordinal);
        else
            Assert.Null(shard.Doubt);
    }

    [Fact]
    public async Task Doubt_of_the_row_stays_although_the_provider_lists_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        await engine.ExecuteAsync("UPDATE offpeak_shards SET doubt = 'An older doubt.'");
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.PollAsync(id);

        Assert.Equal("An older doubt.", (await engine.ShardAsync(id)).Doubt);
    }

    [Fact]
    public async Task Key_that_is_exchanged_while_nothing_is_lost_leaves_no_doubt()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Journals = false;
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        engine.Provider.KeyFingerprint = "fp-2";
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Submitted, "fp-2", null), (shard.Status, shard.KeyFingerprint, shard.Doubt));
    }

    [Fact]
    public async Task Double_that_cannot_be_stopped_is_reported_with_that_and_holds_up_nothing()
    {
        await using var engine = await Engine.StartAsync();
        var id = await SendTwiceAsync(engine);
        engine.Provider.OnFind = null;
        engine.Provider.OnCancel = _ => throw new InvalidOperationException("no way to stop it");
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal(BatchStatus.Completed, (await engine.BatchAsync(id)).Status);
        Assert.Equal(["Provider batch pb-1 is a double", "no way to stop it"], engine.Reports.Select(report => string.Concat(report.Exception.Message.Take(report.Exception is OffpeakException ? 31 : 100))));
    }

    [Fact]
    public async Task Provider_that_cannot_be_asked_when_a_shard_is_closed_leaves_a_doubt_and_is_reported()
    {
        await using var engine = await Engine.StartAsync();
        var id = await LoseAndBelieveAbsentAsync(engine);
        engine.Provider.OnFind = _ => throw new InvalidOperationException("no answer");

        await engine.Client.CancelAsync(id);

        var shard = await engine.ShardAsync(id);
        Assert.Equal(ShardStatus.Canceled, shard.Status);
        Assert.StartsWith("A create call was never answered", shard.Doubt, StringComparison.Ordinal);
        Assert.Equal(shard.Doubt, shard.FailureReason);
        Assert.Contains(engine.Reports, report => report.Exception.Message == "no answer" && report.BatchId == id);
    }

    private static ProviderException Full() => new(ProviderErrorClass.Capacity, "The queue is full.");

    private static async Task<long> LoseAndBelieveAbsentAsync(Engine engine)
    {
        engine.Provider.OnFind = _ => FindResult.Absent;
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync(2);
        engine.Provider.AfterCreate = null;
        engine.Time.Advance(TimeSpan.FromMinutes(3));
        await engine.Reconcile.RunOnceAsync();
        Assert.Equal((ShardStatus.Pending, 1), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).LostCreates));
        return id;
    }

    private static async Task<long> SendTwiceAsync(Engine engine)
    {
        var id = await LoseAndBelieveAbsentAsync(engine);
        await engine.Submit.RunOnceAsync();
        Assert.Equal((2, ShardStatus.Submitted), (engine.Provider.Batches.Count, (await engine.ShardAsync(id)).Status));
        return id;
    }
}
