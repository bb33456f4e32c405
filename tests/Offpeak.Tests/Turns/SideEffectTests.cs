using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Flow.Advance;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Tests.Local;
using Offpeak.Tools;
using Offpeak.Work;

namespace Offpeak.Tests.Turns;

/// <summary>Tools that do something: they can recognise a repeated call, are not called in vain, and tell no secrets.</summary>
public sealed class SideEffectTests
{
    private static readonly NewBatch Description = new("fake/model-1") { MaxTurns = 3 };

    [Fact]
    public async Task Call_that_is_made_again_after_a_fault_has_the_same_key_and_no_other_call_has_it()
    {
        var keys = new ConcurrentQueue<string>();
        await using var engine = await StartAsync((AIFunctionArguments arguments, string city) =>
        {
            keys.Enqueue(ToolInvocation.From(arguments)!.IdempotencyKey);
            return city;
        });
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"), Entry("c"));
        var saves = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "RenewLeaseAsync" || (verb == "TrySaveTurnAsync" && Interlocked.Increment(ref saves) == 1))
                throw new InvalidOperationException("The database is away.");
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.PollAsync(id));
        engine.Hooks.OnVerb = null;

        // The fault of one entry has stopped no other.
        Assert.Equal(3, keys.Count);
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();
        Assert.Equal(3, (await engine.FinishAsync(id)).SucceededCount);

        Assert.Equal((4, 3), (keys.Count, keys.Distinct().Count()));
        Assert.Contains($"{id}/a/1/call-1", keys);
    }

    [Fact]
    public async Task Text_of_an_exception_never_reaches_the_provider_and_is_reported_here()
    {
        string? told = null;
        await using var engine = await StartAsync(
            (string city) => city.Length > 0 ? throw new InvalidOperationException("Login failed for User=sa;Password=hunter2") : city,
            text => told = text);
        var id = await engine.SubmitAsync(Description, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Contains("the tool failed", told, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", told, StringComparison.Ordinal);
        Assert.Contains(engine.Reports, report => report.BatchId == id && report.Exception.Message.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancel_stops_the_calls_that_were_not_begun()
    {
        var calls = 0;
        Engine? started = null;
        await using var engine = started = await StartAsync(
            async (string city) =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                    await started!.Client.CancelAsync(1);
                return city;
            },
            options: options => options.ToolConcurrency = 1);
        var id = await engine.SubmitAsync(Description, [.. Enumerable.Range(1, 20).Select(i => Entry($"e{i}"))]);

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Canceled, 1), (batch.Status, calls));
        Assert.Single(engine.Provider.Batches);
    }

    [Theory]
    [InlineData("deadline")]
    [InlineData("deadline that passes before its turn")]
    [InlineData("refusal")]
    public async Task Tools_are_not_called_for_conversations_that_the_fallback_begins_anew(string why)
    {
        var calls = 0;
        var hour = TimeSpan.FromHours(1);
        await using var engine = await StartAsync(
            (string city) => $"{city}{Interlocked.Increment(ref calls)}",
            build: offpeak => offpeak.AddLocal(_ => new ScriptedChatClient(prompt => "local " + prompt)));
        engine.Provider.Capabilities = new ProviderCapabilities { MaxEntries = 1 };
        engine.Provider.BeforeCreate = _ => why == "refusal" && engine.Provider.Batches.Count == 1 ? throw Fault.Refused() : Task.CompletedTask;
        var description = Description with { Canary = why == "refusal" ? null : 2, Fallback = "local/llama3", FallbackAfter = why == "refusal" ? null : hour };
        var id = await engine.SubmitAsync(description, Entry("a"), Entry("b"));
        engine.Time.Advance(why == "deadline" ? hour : TimeSpan.Zero);
        engine.Provider.Set(ProviderBatchState.Ended);
        var steps = engine.Get<WorkSteps>();
        foreach (var shard in (await engine.ShardsAsync(id)).Where(shard => shard.ProviderBatchId is not null))
            await steps.RunAsync(new WorkItem(WorkKind.Poll, shard.Id, shard.PollGeneration), CancellationToken.None);

        var next = await steps.RunAsync(new WorkItem(WorkKind.Advance, id), CancellationToken.None);
        engine.Time.Advance(hour);
        foreach (var item in next)
            await engine.RunAsync(item);

        await engine.Submit.RunOnceAsync();
        Assert.Equal((BatchStatus.Completed, 2), ((await engine.FinishAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
        Assert.StartsWith("local ", (await engine.EntryAsync(id, "a")).Text, StringComparison.Ordinal);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task Conversation_that_the_last_round_leaves_open_goes_on_where_it_is_held()
    {
        await using var engine = await StartAsync(
            (string city) => city, build: offpeak => offpeak.AddLocal(_ => new ScriptedChatClient(prompt => "local " + prompt)));
        var id = await engine.SubmitAsync(Description with { MaxRounds = 1, Fallback = "local/llama3" }, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Equal(("done", null), ((await engine.EntryAsync(id, "a")).Text, (await engine.BatchAsync(id)).FallbackSince));
    }

    [Fact]
    public async Task Cancel_stops_the_calls_that_run()
    {
        var began = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        await using var engine = await StartAsync(
            async (string city, CancellationToken cancellationToken) =>
            {
                cancellationToken.Register(stopped.SetResult);
                began.SetResult();
                await stopped.Task;
                cancellationToken.ThrowIfCancellationRequested();
                return city;
            });
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Provider.Set(ProviderBatchState.Ended);
        var poll = engine.PollAsync(id);
        await began.Task.WaitAsync(TimeSpan.FromMinutes(1));

        await engine.Client.CancelAsync(id);
        // The holder of the lease hears of it when it renews.
        engine.Time.Advance(new OffpeakOptions().LeaseDuration / 3);
        await poll.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.True(stopped.Task.IsCompleted);
        Assert.Equal(BatchStatus.Canceled, (await engine.BatchAsync(id)).Status);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Process_that_was_suspended_past_its_lease_calls_no_further_tool()
    {
        var calls = 0;
        Engine? started = null;
        await using var engine = started = await StartAsync(
            (string city) =>
            {
                if (Interlocked.Increment(ref calls) > 1)
                    return city;

                started!.Clock.IsSuspended = true;
                started.Time.Advance(new OffpeakOptions().LeaseDuration);
                started.Clock.IsSuspended = false;
                return city;
            },
            options: options => options.ToolConcurrency = 1);
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"), Entry("c"));
        engine.Provider.Set(ProviderBatchState.Ended);

        await engine.PollAsync(id);
        Assert.Equal((1, 1), (calls, (await engine.BatchAsync(id)).Round));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();

        Assert.Equal((3, 3), ((await engine.FinishAsync(id)).SucceededCount, calls));
    }

    [Fact]
    public async Task Tool_that_goes_on_past_its_time_keeps_its_scope_until_it_returns()
    {
        var began = new TaskCompletionSource<Scoped>();
        var gate = new TaskCompletionSource();
        string? told = null;
        await using var engine = await StartAsync(
            async (AIFunctionArguments arguments, string city) =>
            {
                began.SetResult(arguments.Services!.GetRequiredService<Scoped>());
                await gate.Task;
                return city;
            },
            text => told = text,
            options => options.ToolTimeout = TimeSpan.FromSeconds(30));
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Provider.Set(ProviderBatchState.Ended);
        var poll = engine.PollAsync(id);
        var scoped = await began.Task;
        engine.Time.Advance(TimeSpan.FromSeconds(31));
        await poll;
        Assert.False(scoped.Disposed.Task.IsCompleted);

        gate.SetResult();
        await scoped.Disposed.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await engine.Submit.RunOnceAsync();
        await engine.FinishAsync(id);
        Assert.Contains("took too long", told, StringComparison.Ordinal);
    }

    private static Task<Engine> StartAsync(
        Delegate tool, Action<string>? told = null, Action<OffpeakOptions>? options = null, Action<OffpeakBuilder>? build = null) => ChatAnswers.StartAsync(
        request =>
        {
            if (ChatAnswers.Roles(request).Last() != "tool")
                return ChatAnswers.Call("weather", """{"city":"Bonn"}""");

            told?.Invoke(ChatAnswers.LastText(request));
            return ChatAnswers.Say("done");
        },
        options,
        offpeak =>
        {
            offpeak.Services.AddScoped<Scoped>();
            offpeak.AddTool(AIFunctionFactory.Create(tool, "weather"));
            build?.Invoke(offpeak);
        });

    private static NewEntry Entry(string id) =>
        NewEntry.FromPrompt(id, "Weather?", new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city, "weather")] });

    private sealed class Scoped : IDisposable
    {
        public TaskCompletionSource Disposed { get; } = new();

        public void Dispose() => Disposed.TrySetResult();
    }
}
