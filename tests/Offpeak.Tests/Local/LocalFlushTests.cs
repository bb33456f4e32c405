using System.Collections.Concurrent;
using Offpeak.Batches;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Local;

/// <summary>
/// The store fails for a moment while the next answer of a local server is being made: the reading is left in the middle of a step, and must be
/// left properly all the same.
/// </summary>
public sealed class LocalFlushTests
{
    [Fact]
    public async Task A_store_that_fails_once_neither_hides_its_error_nor_takes_the_providers_slots_for_ever()
    {
        const int Entries = 12;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = new ConcurrentBag<string>();
        await using var engine = await Engine.StartAsync(build: offpeak => offpeak.AddLocal(
            _ => new ScriptedChatClient(async (prompt, _, _) =>
            {
                calls.Add(prompt);
                if (prompt != "prompt 1")
                    await gate.Task;
                return ScriptedChatClient.Say(prompt);
            }),
            options => options.MaxConcurrency = 2));
        var id = await engine.SubmitAsync(
            new NewBatch("local/llama3"), [.. Enumerable.Range(1, Entries).Select(i => NewEntry.FromPrompt($"e{i}", $"prompt {i}"))]);
        var failed = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "ApplyResultsAsync" && Interlocked.Exchange(ref failed, 1) == 0)
                throw new TimeoutException("The database is busy.");
        };

        var first = engine.PollAsync(id);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        gate.SetResult();
        await first;
        Assert.Equal(1, failed);
        Assert.Equal(typeof(TimeoutException), Assert.Single(engine.Reports).Exception.GetType());

        for (var step = 0; step < 10 && (await engine.BatchAsync(id)).Status == BatchStatus.Running; step++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.PollAsync(id).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        }

        Assert.Equal(Entries, (await engine.BatchAsync(id)).SucceededCount);
        Assert.InRange(calls.Count, Entries, Entries + 2);
    }

    [Fact]
    public async Task Slots_are_given_back()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await Engine.StartAsync(build: offpeak => offpeak.AddLocal(
            _ => new ScriptedChatClient(async (prompt, _, _) =>
            {
                if (prompt != "prompt 1")
                    await gate.Task;
                return ScriptedChatClient.Say(prompt);
            }),
            options => options.MaxConcurrency = 2));
        var id = await engine.SubmitAsync(
            new NewBatch("local/llama3"), [.. Enumerable.Range(1, 12).Select(i => NewEntry.FromPrompt($"e{i}", $"prompt {i}"))]);
        var failed = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "ApplyResultsAsync" && Interlocked.Exchange(ref failed, 1) == 0)
                throw new TimeoutException("The database is busy.");
        };
        var first = engine.PollAsync(id);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        gate.SetResult();
        await first;
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        engine.Time.Advance(TimeSpan.FromHours(1));

        // No call is under way any more; the next poll only has to make them.
        await engine.PollAsync(id).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }
}
