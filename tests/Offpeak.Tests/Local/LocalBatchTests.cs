using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Local;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Local;

public sealed class LocalBatchTests
{
    private static readonly NewBatch Description = new("local/llama3");

    [Fact]
    public async Task Batch_runs_through_the_chat_client_with_the_same_statuses_and_results()
    {
        await using var engine = await StartAsync(new ScriptedChatClient(prompt => prompt.ToUpperInvariant()));
        var id = await SubmitAsync(engine, 20);

        var batch = await FinishAsync(engine, id);

        var entry = await engine.EntryAsync(id, "e7");
        Assert.Equal((BatchStatus.Completed, 20, (decimal?)null), (batch.Status, batch.SucceededCount, batch.Cost));
        Assert.Equal(("PROMPT 7", "stop", "llama3", 7L), (entry.Text, entry.FinishReason, entry.Model, entry.InputTokens));
        Assert.Equal("PROMPT 7", entry.ToChatResponse().Text);
    }

    [Fact]
    public async Task Model_and_options_reach_the_client()
    {
        ChatOptions? seen = null;
        await using var engine = await StartAsync(new ScriptedChatClient((_, options, _) =>
        {
            seen = options;
            return Task.FromResult(ScriptedChatClient.Say("ok"));
        }));
        var id = await engine.SubmitAsync(
            Description, NewEntry.FromPrompt("a", "Hi", new ChatOptions { Temperature = 0.5f, MaxOutputTokens = 9, Tools = [AIFunctionFactory.Create((int x) => x, "twice")] }));

        await FinishAsync(engine, id);

        Assert.Equal(("llama3", 0.5f, 9, "twice"), (seen!.ModelId, seen.Temperature, seen.MaxOutputTokens, seen.Tools!.Single().Name));
    }

    [Fact]
    public async Task Process_that_was_suspended_past_its_lease_makes_no_further_call_and_keeps_the_answer_it_has()
    {
        var calls = 0;
        Engine? started = null;
        await using var engine = started = await StartAsync(
            new ScriptedChatClient((prompt, _, _) =>
            {
                calls++;
                started!.Clock.IsSuspended = true;
                started.Time.Advance(new OffpeakOptions().LeaseDuration);
                started.Clock.IsSuspended = false;
                return Task.FromResult(ScriptedChatClient.Say(prompt));
            }),
            options => (options.MaxConcurrency, options.SliceDuration) = (1, TimeSpan.FromHours(1)));
        var id = await SubmitAsync(engine, 3);

        await engine.PollAsync(id);

        Assert.Equal((1, 1), (calls, (await engine.CountsAsync(id)).Succeeded));
    }

    [Theory]
    [InlineData(9_000_000_000_000_000_000)]
    [InlineData(1_000_000_000)]
    [InlineData(-9_000_000_000_000_000_000)]
    public async Task Usage_that_no_call_can_have_does_not_stop_the_calls_after_it(long tokens)
    {
        var calls = 0;
        await using var engine = await StartAsync(
            new ScriptedChatClient((prompt, _, _) =>
            {
                var answer = ScriptedChatClient.Say(prompt);
                if (calls++ == 0)
                    answer.Usage!.TotalTokenCount = tokens;
                return Task.FromResult(answer);
            }),
            options => (options.MaxConcurrency, options.TokensPerMinute, options.SliceDuration) = (1, 60_000, TimeSpan.FromDays(1)));
        var id = await SubmitAsync(engine, 5);

        var poll = engine.PollAsync(id);
        for (var minute = 0; minute < 60 && !poll.IsCompleted; minute++)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(poll, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        Assert.Equal(5, (await engine.CountsAsync(id)).Succeeded);
    }

    [Fact]
    public async Task Each_answer_is_durable_before_the_next_is_waited_for()
    {
        var gate = new TaskCompletionSource();
        await using var engine = await StartAsync(
            new ScriptedChatClient(async (prompt, _, ct) =>
            {
                if (prompt == "prompt 3")
                    await gate.Task.WaitAsync(ct);
                return ScriptedChatClient.Say(prompt);
            }),
            options => options.MaxConcurrency = 1);
        var id = await SubmitAsync(engine, 3);

        var poll = engine.PollAsync(id);
        while ((await engine.CountsAsync(id)).Succeeded < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        Assert.False(poll.IsCompleted);
        gate.SetResult();
        await poll;

        Assert.Equal(3, (await engine.CountsAsync(id)).Succeeded);
    }

    [Fact]
    public async Task Crash_loses_at_most_the_calls_in_flight()
    {
        var asked = new ConcurrentQueue<string>();
        var world = new World();
        using (world)
        {
            await using (var engine = await StartAsync(
                new ScriptedChatClient(async (prompt, _, ct) =>
                {
                    asked.Enqueue(prompt);
                    if (asked.Count > 4)
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                    return ScriptedChatClient.Say(prompt);
                }),
                options => options.MaxConcurrency = 2,
                world))
            {
                var id = await SubmitAsync(engine, 10);
                using var stop = new CancellationTokenSource();
                var shard = await engine.ShardAsync(id);
                var poll = engine.RunAsync(new(WorkKind.Poll, shard.Id, shard.PollGeneration), stop.Token);
                while (asked.Count < 6 || (await engine.CountsAsync(id)).Succeeded < 4)
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
                await stop.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
            }

            await using var next = await StartAsync(
                new ScriptedChatClient(prompt =>
                {
                    asked.Enqueue(prompt);
                    return prompt;
                }),
                world: world);
            world.Time.Advance(TimeSpan.FromMinutes(10));
            var batch = await FinishAsync(next, 1);

            Assert.Equal(10, batch.SucceededCount);
            Assert.Equal(12, asked.Count);
        }
    }

    [Fact]
    public async Task Passing_failure_is_tried_again_at_once_and_other_failures_are_not()
    {
        var asked = new ConcurrentQueue<string>();
        await using var engine = await StartAsync(
            new ScriptedChatClient(prompt =>
            {
                asked.Enqueue(prompt);
                return prompt switch
                {
                    "prompt 1" when asked.Count(other => other == prompt) < 3 => throw new HttpRequestException("Busy", null, HttpStatusCode.ServiceUnavailable),
                    "prompt 2" => throw new HttpRequestException("No", null, HttpStatusCode.BadRequest),
                    _ => prompt,
                };
            }),
            options => options.RetryDelay = TimeSpan.Zero);
        var id = await SubmitAsync(engine, 3);

        var batch = await FinishAsync(engine, id);

        Assert.Equal((2, 1, 1), (batch.SucceededCount, batch.FailedCount, batch.Round));
        Assert.Equal((3, 1), (asked.Count(prompt => prompt == "prompt 1"), asked.Count(prompt => prompt == "prompt 2")));
        Assert.Equal(400, (await engine.EntryAsync(id, "e2")).StatusCode);
    }

    [Fact]
    public async Task Failure_that_lasts_goes_into_the_next_round()
    {
        var asked = 0;
        await using var engine = await StartAsync(
            new ScriptedChatClient(prompt => ++asked < 3 ? throw new TimeoutException() : prompt), options => options.MaxAttempts = 1);
        var id = await SubmitAsync(engine, 1);

        Assert.Equal((1, 3), ((await FinishAsync(engine, id)).SucceededCount, (await engine.BatchAsync(id)).Round));
    }

    [Fact]
    public async Task Server_that_is_away_stops_the_batch_for_a_while_and_fails_no_entry()
    {
        var isAway = true;
        await using var engine = await StartAsync(new ScriptedChatClient(
            prompt => isAway ? throw new HttpRequestException(HttpRequestError.ConnectionError, "refused") : prompt), options => options.MaxAttempts = 1);
        var id = await SubmitAsync(engine, 3);

        await engine.PollAsync(id);
        Assert.Equal(3, (await engine.CountsAsync(id)).Submitted);
        Assert.Equal("unreachable", (await engine.ShardAsync(id)).Trouble?.Class.Value);
        isAway = false;

        Assert.Equal(3, (await FinishAsync(engine, id)).SucceededCount);
    }

    /// <summary>The server dies of one prompt, and is there again at the next poll.</summary>
    /// <param name="isThere">Whether it can be reached when the prompt is sent first, or only from the second try on.</param>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Prompt_that_brings_its_server_down_fails_alone(bool isThere)
    {
        var isDown = false;
        await using var engine = await StartAsync(
            new ScriptedChatClient(prompt =>
            {
                if (isDown)
                {
                    isDown = isThere;
                    throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
                }

                isDown = prompt == "prompt 1";
                return isDown ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended") : prompt;
            }),
            options => (options.MaxConcurrency, options.RetryDelay) = (1, TimeSpan.Zero));
        var id = await SubmitAsync(engine, 5);
        for (var hour = 0; hour < 48 && !(await engine.BatchAsync(id)).Status.IsTerminal(); hour++)
        {
            isDown = !isThere;
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.PollAsync(id);
            await engine.Submit.RunOnceAsync();
        }

        var batch = await engine.BatchAsync(id);
        Assert.Equal((BatchStatus.Completed, 4, 1), (batch.Status, batch.SucceededCount, batch.FailedCount));
        Assert.Equal(("transient", "ended"), ((await engine.EntryAsync(id, "e1")).ErrorCode, (await engine.EntryAsync(id, "e1")).ErrorMessage));
    }

    [Fact]
    public async Task Answers_that_were_given_when_the_server_goes_away_are_kept_and_not_asked_for_again()
    {
        const int Calls = 8;
        var asked = new ConcurrentDictionary<string, int>();
        var started = 0;
        var all = new TaskCompletionSource();
        var client = new ScriptedChatClient(async (prompt, _, _) =>
        {
            asked.AddOrUpdate(prompt, 1, (_, times) => times + 1);
            if (Interlocked.Increment(ref started) == Calls)
                all.SetResult();
            await all.Task;
            return prompt == "prompt 8" && asked[prompt] == 1
                ? throw new HttpRequestException(HttpRequestError.ConnectionError, "refused")
                : ScriptedChatClient.Say(prompt);
        });
        await using var engine = await StartAsync(client, options => (options.MaxConcurrency, options.MaxAttempts) = (Calls, 1));
        var id = await SubmitAsync(engine, Calls);

        await engine.PollAsync(id);
        Assert.Equal(7, (await engine.CountsAsync(id)).Succeeded);
        await FinishAsync(engine, id);

        Assert.Equal(8, (await engine.BatchAsync(id)).SucceededCount);
        Assert.Equal(["prompt 8"], asked.Where(prompt => prompt.Value > 1).Select(prompt => prompt.Key));
    }

    [Fact]
    public async Task Cancelled_batch_begins_no_further_call_and_keeps_what_was_answered()
    {
        await using var engine = await StartAsync(new ScriptedChatClient(prompt => prompt), options => options.SliceDuration = TimeSpan.Zero);
        var id = await SubmitAsync(engine, 5);
        await engine.PollAsync(id);

        await engine.Client.CancelAsync(id);
        var batch = await FinishAsync(engine, id);

        Assert.Equal((BatchStatus.Canceled, 5), (batch.Status, batch.CanceledCount + batch.SucceededCount));
    }

    [Fact]
    public async Task Cancel_in_the_middle_of_a_slice_ends_its_calls_and_then_the_batch()
    {
        Engine? started = null;
        var calls = 0;
        await using var engine = started = await StartAsync(
            new ScriptedChatClient(async (prompt, _, _) =>
            {
                if (++calls == 3)
                    await started!.Client.CancelAsync(1, CancellationToken.None);
                return ScriptedChatClient.Say(prompt);
            }),
            options => options.MaxConcurrency = 1);
        var id = await SubmitAsync(engine, 50);

        await engine.PollAsync(id);
        await engine.DeliverAsync();

        var batch = await engine.BatchAsync(id);
        Assert.Equal((3, BatchStatus.Canceled, 3, 47), (calls, batch.Status, batch.SucceededCount, batch.CanceledCount));
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Database_that_fails_when_it_is_asked_for_a_cancel_fails_no_entry()
    {
        Engine? started = null;
        await using var engine = started = await StartAsync(
            new ScriptedChatClient(prompt =>
            {
                if (prompt == "prompt 2")
                    started!.Hooks.OnVerb = verb => _ = verb == nameof(IOffpeakStore.FindBatchAsync) ? throw new IOException("away") : verb;
                return prompt;
            }),
            options => options.MaxConcurrency = 1);
        var id = await SubmitAsync(engine, 5);

        await engine.PollAsync(id);
        engine.Hooks.OnVerb = null;
        Assert.Equal((2, 3), ((await engine.CountsAsync(id)).Succeeded, (await engine.CountsAsync(id)).Submitted));

        Assert.Equal((5, 1), ((await FinishAsync(engine, id)).SucceededCount, (await engine.BatchAsync(id)).Round));
    }

    [Fact]
    public async Task Cancel_holds_for_calls_that_wait_for_the_allowance_of_a_minute()
    {
        Engine? started = null;
        var calls = 0;
        var canceled = new TaskCompletionSource();
        await using var engine = started = await StartAsync(
            new ScriptedChatClient(async (prompt, _, _) =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                {
                    await started!.Client.CancelAsync(1, CancellationToken.None);
                    canceled.SetResult();
                }

                return ScriptedChatClient.Say(prompt);
            }),
            options => (options.RequestsPerMinute, options.SliceDuration) = (1, TimeSpan.FromHours(1)));
        var id = await SubmitAsync(engine, 10);

        var poll = engine.PollAsync(id);
        await canceled.Task;
        for (var minute = 0; minute < 60 && !poll.IsCompleted; minute++)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(poll, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        await poll;
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task No_more_calls_run_at_a_time_than_allowed()
    {
        var (running, most) = (0, 0);
        await using var engine = await StartAsync(
            new ScriptedChatClient(async (prompt, _, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return ScriptedChatClient.Say(prompt);
            }),
            options => options.MaxConcurrency = 3);
        var id = await SubmitAsync(engine, 50);

        await FinishAsync(engine, id);

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Body_in_another_providers_form_fails_its_entry_with_a_sentence()
    {
        await using var engine = await StartAsync(new ScriptedChatClient(prompt => prompt));
        var id = await engine.SubmitAsync(Description, NewEntry.FromBody("a", "{\"input\":\"hi\"}"u8.ToArray()));

        await FinishAsync(engine, id);

        Assert.Equal("The request has another provider's form; give the entry as messages.", (await engine.EntryAsync(id, "a")).ErrorMessage);
    }

    private static Task<Engine> StartAsync(IChatClient client, Action<LocalOptions>? configure = null, World? world = null) =>
        Engine.StartAsync(world ?? new World(), build: offpeak => offpeak.AddLocal(_ => client, configure), ownsWorld: world is null);

    private static Task<long> SubmitAsync(Engine engine, int entries) =>
        engine.SubmitAsync(Description, [.. Enumerable.Range(1, entries).Select(i => NewEntry.FromPrompt($"e{i}", $"prompt {i}"))]);

    private static async Task<BatchRow> FinishAsync(Engine engine, long id)
    {
        for (var step = 0; step < 20 && (await engine.BatchAsync(id)).Status < BatchStatus.Completed; step++)
        {
            engine.Time.Advance(TimeSpan.FromMinutes(1));
            await engine.Submit.RunOnceAsync();
            await engine.PollAsync(id);
        }

        return await engine.BatchAsync(id);
    }
}
