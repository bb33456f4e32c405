using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Tests.Local;

namespace Offpeak.Tests.Flow;

/// <summary>Work that never comes back and keeps its lease: nobody can ever give the batch up.</summary>
public sealed class EndlessWorkTests
{
    // Long leases, renewed seldom: every renewal is a moment of real time.
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan Step = LeaseDuration / 6;

    [Fact]
    public async Task A_reading_that_never_ends_does_not_keep_a_batch_from_its_end()
    {
        await using var engine = await Engine.StartAsync(options => options.LeaseDuration = LeaseDuration);
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // A server that sends a byte a minute, or lines for ever.
        engine.Provider.AfterResult = _ => never.Task;
        var poll = engine.PollAsync(id);
        try
        {
            await LiveForAsync(engine, TimeSpan.FromHours(60), poll);

            Assert.True((await engine.BatchAsync(id)).Status.IsTerminal(), $"It is {(await engine.BatchAsync(id)).Status} after 60 hours; the lease is {(await engine.ShardAsync(id)).LeaseOwner}.");
        }
        finally
        {
            never.TrySetResult();
            await poll;
        }
    }

    [Fact]
    public async Task A_create_call_that_never_returns_does_not_keep_its_shard_for_ever()
    {
        await using var engine = await Engine.StartAsync(options => options.LeaseDuration = LeaseDuration);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Provider.BeforeCreate = _ => never.Task;
        var id = await engine.BuildAsync();
        await engine.Client.SubmitAsync(id);
        var submit = engine.Submit.RunOnceAsync();
        try
        {
            await LiveForAsync(engine, TimeSpan.FromHours(60), submit);

            Assert.Equal(ShardStatus.Pending, (await engine.ShardAsync(id)).Status);
        }
        finally
        {
            never.TrySetResult();
            await submit;
        }
    }

    [Fact]
    public async Task Results_that_trickle_without_an_end_are_kept_as_far_as_they_came()
    {
        await using var engine = await Engine.StartAsync(options => options.LeaseDuration = LeaseDuration);
        var id = await engine.SubmitAsync(2);
        engine.Provider.Set(ProviderBatchState.Ended);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Provider.AfterResult = _ => never.Task;
        var poll = engine.PollAsync(id);
        await LiveForAsync(engine, TimeSpan.FromHours(60), poll);
        await poll;

        Assert.Equal((1, 1), ((await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).FailedCount));
        Assert.Contains("26 hours of reading", (await engine.EntryAsync(id, "e2")).ErrorMessage, StringComparison.Ordinal);
        never.TrySetResult();
    }

    [Fact]
    public async Task A_chat_client_that_does_not_listen_does_not_hold_up_a_batch_for_ever()
    {
        var never = new TaskCompletionSource<Microsoft.Extensions.AI.ChatResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await Engine.StartAsync(options => options.LeaseDuration = LeaseDuration, build: offpeak => offpeak.AddLocal(_ => new ScriptedChatClient((_, _, _) => never.Task)));
        var id = await engine.SubmitAsync(new NewBatch("local/llama3"), NewEntry.FromPrompt("a", "hi"));
        var poll = engine.PollAsync(id);
        try
        {
            await LiveForAsync(engine, TimeSpan.FromHours(6), poll);

            Assert.True(poll.IsCompleted, "The call has a time limit of 10 minutes; after 6 hours the poll still waits for it.");
        }
        finally
        {
            never.TrySetResult(ScriptedChatClient.Say("late"));
            await poll;
        }
    }

    private static async Task LiveForAsync(Engine engine, TimeSpan time, Task work)
    {
        for (var passed = TimeSpan.Zero; passed < time && !work.IsCompleted; passed += Step)
        {
            engine.Time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            if (passed.Ticks % TimeSpan.FromHours(1).Ticks == 0)
            {
                await engine.Expire.RunOnceAsync();
                await engine.Reconcile.RunOnceAsync();
            }
        }
    }
}
