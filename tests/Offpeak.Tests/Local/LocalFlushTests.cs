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
    private const int Entries = 12;

    private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentBag<string> calls = [];

    [Fact]
    public async Task A_store_that_fails_once_neither_hides_its_error_nor_takes_the_providers_slots_for_ever()
    {
        await using var engine = await StartAsync();
        var id = await FailFirstWriteAsync(engine);
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
        await using var engine = await StartAsync();
        var id = await FailFirstWriteAsync(engine);
        engine.Time.Advance(TimeSpan.FromHours(1));

        // No call is under way any more; the next poll only has to make them.
        await engine.PollAsync(id).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    private Task<Engine> StartAsync() => Engine.StartAsync(build: offpeak => offpeak.AddLocal(
        _ => new ScriptedChatClient(async (prompt, _, _) =>
        {
            calls.Add(prompt);
            if (prompt != "prompt 1")
                await gate.Task;

            return ScriptedChatClient.Say(prompt);
        }),
        options => options.MaxConcurrency = 2));

    // The first answer is refused by the store while the second is being made.
    private async Task<long> FailFirstWriteAsync(Engine engine)
    {
        var id = await engine.SubmitAsync(
            new NewBatch("local/llama3"), [.. Enumerable.Range(1, Entries).Select(i => NewEntry.FromPrompt($"e{i}", $"prompt {i}"))]);
        engine.Hooks.OnVerb = verb =>
        {
            if (verb == "ApplyResultsAsync" && refused.TrySetResult())
                throw new TimeoutException("The database is busy.");
        };
        var poll = engine.PollAsync(id);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        gate.SetResult();
        await poll;
        return id;
    }
}
