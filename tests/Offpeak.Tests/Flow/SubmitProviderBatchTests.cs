using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class SubmitProviderBatchTests
{
    [Fact]
    public async Task Upload_that_runs_out_of_time_waits_like_any_other_trouble_that_passes()
    {
        await using var engine = await Engine.StartAsync();
        engine.Hooks.OnVerb = verb =>
        {
            // The provider's client gives up while it reads the entries.
            if (verb == "SumEntryIdLengthsAsync")
                engine.Hooks.OnVerb = next => _ = next == "ReadShardRequestsAsync" ? throw new TaskCanceledException("HttpClient.Timeout") : 0;
        };
        var id = await engine.SubmitAsync();
        engine.Hooks.OnVerb = null;

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Transient), (shard.Status, shard.Trouble!.Class));
        Assert.True(shard.NextSubmitAt > engine.Now);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Submit_that_is_accepted_starts_a_poll_chain_of_its_own_and_counts_as_an_attempt()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((1, 0), (shard.PollGeneration, shard.PollAttempt));
        Assert.Equal(1, Assert.Single(engine.Queue.Waiting).Item.Generation);
        Assert.Equal(1, (await engine.EntryAsync(id, "e1")).Attempts);
    }

    [Fact]
    public async Task Submit_second_create_is_never_sent_while_the_outcome_is_unknown()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();
        var id = await engine.SubmitAsync();
        engine.Provider.OnFind = _ => throw Fault.Transient();
        for (var hour = 0; hour < 10; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
            await engine.Reconcile.RunOnceAsync();
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
        }

        Assert.Single(engine.Provider.Batches);
        Assert.Equal(ShardStatus.Unconfirmed, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Submit_fault_of_our_own_after_the_create_began_counts_as_unknown_and_is_adopted()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw new HttpRequestException("socket closed");
        var id = await engine.SubmitAsync();
        engine.Provider.AfterCreate = null;
        engine.Time.Advance(TimeSpan.FromMinutes(2));
        await engine.Submit.RunOnceAsync();
        await engine.Reconcile.RunOnceAsync();

        Assert.Equal(("pb-1", 1), ((await engine.ShardAsync(id)).ProviderBatchId, engine.Provider.Batches.Count));
    }

    [Fact]
    public async Task Submit_refused_batch_fails_with_the_reason_and_is_reported()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Refused();
        var id = await engine.SubmitAsync(2);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Failed, "The model cannot be batched.", 2), (batch.Status, batch.FailureReason, batch.FailedCount));
        Assert.Equal("model_not_found", (await engine.EntryAsync(id, "e1")).ErrorCode);
        Assert.Single(engine.Reports, report => report.BatchId == id);
    }

    [Fact]
    public async Task Submit_fault_before_the_create_is_reported_and_tried_again()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);
        await engine.ExecuteAsync("ALTER TABLE offpeak_entry_requests RENAME TO gone");
        await engine.Submit.RunOnceAsync();
        await engine.ExecuteAsync("ALTER TABLE gone RENAME TO offpeak_entry_requests");
        Assert.Single(engine.Reports, report => report.BatchId == id);
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Submit_queue_that_refuses_the_first_poll_is_reported_and_the_resume_sweep_brings_the_chain_back()
    {
        await using var engine = await Engine.StartAsync();
        engine.Queue.OnEnqueue = _ => throw new InvalidOperationException("the queue is down");
        var id = await engine.SubmitAsync();
        Assert.Single(engine.Reports, report => report.BatchId == id);

        engine.Queue.OnEnqueue = null;
        engine.Time.Advance(TimeSpan.FromMinutes(6));
        await engine.Resume.RunOnceAsync();

        Assert.Single(engine.Queue.Waiting);
    }

    [Fact]
    public async Task Submit_goes_on_from_what_an_earlier_attempt_journalled()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        await engine.SubmitAsync();
        engine.Provider.Journals = false;
        string? file = null;
        engine.Provider.BeforeCreate = submission =>
        {
            file = submission.Journal["file"];
            return Task.CompletedTask;
        };
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal("file-" + engine.Provider.Only.Key, file);
    }

    [Fact]
    public async Task Submit_with_another_key_does_not_go_on_from_what_the_one_before_has_journalled()
    {
        await using var engine = await Engine.StartAsync();
        engine.Hooks.OnVerb = verb => _ = verb == "ReadShardRequestsAsync" ? throw new TaskCanceledException("stalled") : 0;
        var id = await engine.SubmitAsync();
        engine.Hooks.OnVerb = null;
        await engine.ExecuteAsync("UPDATE offpeak_shards SET journal = '{\"file\":\"of the old key\"}', create_begun_at = NULL");
        Assert.Equal("of the old key", (await engine.ShardAsync(id)).Journal["file"]);
        engine.Provider.Journals = false;
        engine.Provider.KeyFingerprint = "fp-2";
        string? file = null;
        engine.Provider.BeforeCreate = submission =>
        {
            file = submission.Journal["file"];
            return Task.CompletedTask;
        };
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        Assert.Equal((ShardStatus.Submitted, null), ((await engine.ShardAsync(id)).Status, file));
    }

    [Fact]
    public async Task Submit_that_is_begun_again_remembers_the_first_create_call_and_the_last()
    {
        await using var engine = await Engine.StartAsync();
        var began = engine.Now;
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((began, began.AddHours(1)), (shard.FirstCreateAt, shard.CreateBegunAt));
    }

    [Theory]
    [InlineData(true, "The reply was lost.")]
    [InlineData(false, "InvalidOperationException while the provider was asked.")]
    public async Task Submit_whose_reply_is_lost_says_what_became_of_it(bool ofTheProvider, string words)
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.AfterCreate = _ => throw (ofTheProvider ? Fault.ReplyLost() : new InvalidOperationException("secret"));
        var id = await engine.SubmitAsync();

        Assert.Equal((ShardStatus.Unconfirmed, words), ((await engine.ShardAsync(id)).Status, (await engine.ShardAsync(id)).Trouble?.Message));
    }

    [Theory]
    [InlineData(false, ShardStatus.Pending)]
    [InlineData(true, ShardStatus.Unconfirmed)]
    public async Task Submit_that_the_process_stops_is_left_as_far_as_it_has_come(bool isSent, ShardStatus status)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);
        using var stop = new CancellationTokenSource();
        if (isSent)
            engine.Provider.AfterCreate = _ => Stop();
        else
            engine.Hooks.OnVerb = verb => _ = verb == "ReadShardRequestsAsync" ? Stop() : null;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.Get<Offpeak.Flow.Advance.WorkSteps>()
            .RunAsync(new Work.WorkItem(Work.WorkKind.Submit, engine.ShardAsync(id).GetAwaiter().GetResult().Id), stop.Token));

        engine.Hooks.OnVerb = null;
        var shard = await engine.ShardAsync(id);
        Assert.Equal((status, null), (shard.Status, shard.LeaseOwner));
        if (!isSent)
            Assert.Equal((engine.Now, null), (shard.NextSubmitAt, shard.Trouble));
        Assert.Empty(engine.Reports);

        Task Stop()
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        }
    }

    [Fact]
    public async Task Submit_that_fails_again_and_again_for_want_of_a_network_is_not_cut()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync(6);
        for (var hour = 0; hour < 3; hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Submit.RunOnceAsync();
        }

        Assert.Equal((6, 4), (Assert.Single(await engine.ShardsAsync(id)).EntryCount, (await engine.ShardAsync(id)).SubmitAttempts));
    }

    [Fact]
    public async Task Submit_that_is_not_due_is_left_for_later()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient(TimeSpan.FromMinutes(10));
        var id = await engine.SubmitAsync();
        engine.Provider.BeforeCreate = null;
        var item = new Work.WorkItem(Work.WorkKind.Submit, (await engine.ShardAsync(id)).Id);
        engine.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        await engine.RunAsync(item);
        Assert.Equal(ShardStatus.Pending, (await engine.ShardAsync(id)).Status);

        engine.Time.Advance(TimeSpan.FromSeconds(1));
        await engine.RunAsync(item);

        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Submit_whose_cost_cannot_be_estimated_is_trouble_on_the_row_and_tried_again()
    {
        await using var engine = await Engine.StartAsync(options => options.Prices["fake/model-1"] = new(1));
        var codec = new FakeCodec();
        engine.Provider.Codec = codec;
        var id = await engine.BuildAsync(1, new NewBatch("fake/model-1") { MaxCost = 1 });
        await engine.Client.SubmitAsync(id);
        codec.OnEstimate = _ => throw new InvalidOperationException("no tokenizer");
        await engine.Submit.RunOnceAsync();

        var shard = await engine.ShardAsync(id);
        Assert.Equal((ShardStatus.Pending, ProviderErrorClass.Fault, "InvalidOperationException while estimating its cost."), (shard.Status, shard.Trouble!.Class, shard.Trouble.Message));
        Assert.Single(engine.Reports);
        codec.OnEstimate = null;
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();
        Assert.Equal(ShardStatus.Submitted, (await engine.ShardAsync(id)).Status);
    }

    [Fact]
    public async Task Submit_that_waits_for_its_key_waits_for_a_person()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.BeforeCreate = _ => throw Fault.Transient();
        var id = await engine.SubmitAsync();
        engine.Provider.KeyFingerprint = "fp-2";
        engine.Time.Advance(TimeSpan.FromHours(1));
        await engine.Submit.RunOnceAsync();

        var trouble = (await engine.ShardAsync(id)).Trouble!;
        Assert.Equal((ProviderErrorClass.OtherKey, true), (trouble.Class, trouble.IsPaused));
    }

    [Fact]
    public async Task Submit_that_waits_for_its_provider_waits_for_a_person()
    {
        using var world = new World();
        await using var before = await Engine.StartAsync(world, more: services => services.AddSingleton<IBatchProvider>(new FakeProvider("gone")));
        var id = await before.BuildAsync(1, new NewBatch("gone/model-1"));
        await before.Client.SubmitAsync(id);
        await using var after = await Engine.StartAsync(world);
        await after.Submit.RunOnceAsync();

        var trouble = (await after.ShardAsync(id)).Trouble!;
        Assert.Equal((ProviderErrorClass.Unregistered, true), (trouble.Class, trouble.IsPaused));
    }

    [Fact]
    public async Task Submit_lease_is_kept_alive_by_a_slow_upload()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(1);
        await engine.Client.SubmitAsync(id);
        DateTimeOffset? until = null;
        engine.Provider.BeforeCreate = async submission =>
        {
            engine.Time.Advance(TimeSpan.FromSeconds(100));
            await foreach (var entry in submission.ReadEntriesAsync(default))
                until = (await engine.ShardAsync(id)).LeaseUntil;
            until = (await engine.ShardAsync(id)).LeaseUntil;
        };
        await engine.Submit.RunOnceAsync();

        Assert.Equal(engine.Now.AddMinutes(2), until);
    }
}
