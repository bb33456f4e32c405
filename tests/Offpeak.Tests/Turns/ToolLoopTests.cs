using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Diagnostics;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Turns;

public sealed class ToolLoopTests
{
    private static readonly NewBatch Description = new("fake/model-1") { MaxTurns = 3 };

    private readonly ConcurrentQueue<string> calls = new();

    [Fact]
    public async Task Tools_run_between_rounds_and_all_conversations_go_on_together()
    {
        await using var engine = await StartAsync(request => ChatAnswers.Roles(request).Last() == "tool"
            ? ChatAnswers.Say("It is " + ChatAnswers.LastText(request))
            : ChatAnswers.Call("weather", """{"city":"Bonn"}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"), Entry("c"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 3, 2), (batch.Status, batch.SucceededCount, batch.Round));
        Assert.Equal(["Bonn", "Bonn", "Bonn"], calls);
        Assert.Equal(2, engine.Provider.Batches.Count);
        Assert.Contains("rain in Bonn", (await engine.EntryAsync(id, "b")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_models_own_message_is_sent_back_as_it_came()
    {
        JsonObject? second = null;
        await using var engine = await StartAsync(request =>
        {
            if (ChatAnswers.Roles(request).Last() != "tool")
                return ChatAnswers.Call("weather", """{"city":"Bonn"}""");
            second = request;
            return ChatAnswers.Say("done");
        });
        var id = await engine.SubmitAsync(Description, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Equal(["user", "assistant", "tool"], ChatAnswers.Roles(second!));
        Assert.Equal("call-1", (string)second!["messages"]![1]!["tool_calls"]![0]!["id"]!);
        Assert.Equal("call-1", (string)second["messages"]![2]!["tool_call_id"]!);
        Assert.Equal("weather", (string)second["tools"]![0]!["function"]!["name"]!);
    }

    [Fact]
    public async Task Error_of_a_tool_is_told_to_the_model()
    {
        await using var engine = await StartAsync(request => ChatAnswers.Roles(request).Last() == "tool"
            ? ChatAnswers.Say(ChatAnswers.LastText(request))
            : ChatAnswers.Call("weather", """{"city":"Nowhere"}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Contains("Error: the tool failed.", (await engine.EntryAsync(id, "a")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_that_is_not_registered_is_told_to_the_model()
    {
        await using var engine = await StartAsync(request => ChatAnswers.Roles(request).Last() == "tool"
            ? ChatAnswers.Say(ChatAnswers.LastText(request))
            : ChatAnswers.Call("unheard_of", "{}"));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Contains("there is no tool", (await engine.EntryAsync(id, "a")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_that_never_stops_calling_fails_at_the_turn_limit()
    {
        await using var engine = await StartAsync(_ => ChatAnswers.Call("weather", """{"city":"Bonn"}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((4, 3, "turn_limit"), (batch.Round, calls.Count, (await engine.EntryAsync(id, "a")).ErrorCode));
    }

    [Fact]
    public async Task Without_turns_an_answer_with_tool_calls_is_an_answer()
    {
        await using var engine = await StartAsync(_ => ChatAnswers.Call("weather", """{"city":"Bonn"}"""));
        var id = await engine.SubmitAsync(Description with { MaxTurns = null }, Entry("a"));

        var batch = await engine.FinishAsync(id);

        var call = (await engine.EntryAsync(id, "a")).ToChatResponse().Messages[0].Contents.OfType<FunctionCallContent>().Single();
        Assert.Equal((1, "weather"), (batch.SucceededCount, call.Name));
        Assert.Empty(calls);
    }

    [Fact]
    public async Task Interruption_between_two_conversations_repeats_none_that_is_written()
    {
        var written = 0;
        var probe = new FlowProbe
        {
            OnReached = point =>
            {
                if (point == FlowPoint.TurnWritten && ++written == 2)
                    throw new InvalidOperationException("The process stops here.");
            },
        };
        await using var engine = await StartAsync(
            request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("weather", """{"city":"Bonn"}"""),
            options => options.ToolConcurrency = 1,
            probe);
        var id = await engine.SubmitAsync(Description, Entry("a"), Entry("b"), Entry("c"));

        engine.Provider.Set(Providers.ProviderBatchState.Ended);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.PollAsync(id));
        Assert.Equal((3, 1), (calls.Count, (await engine.BatchAsync(id)).Round));
        engine.Queue.Take();
        engine.Time.Advance(TimeSpan.FromMinutes(10));
        await engine.Resume.RunOnceAsync();
        await engine.DeliverAsync();
        await engine.Submit.RunOnceAsync();
        var batch = await engine.FinishAsync(id);

        Assert.Equal((3, 3), (batch.SucceededCount, calls.Count));
    }

    [Fact]
    public async Task Worker_that_finds_another_one_at_the_tools_leaves_them_to_it()
    {
        var gate = new TaskCompletionSource();
        await using var engine = await ChatAnswers.StartAsync(
            request => ChatAnswers.Roles(request).Last() == "tool" ? ChatAnswers.Say("done") : ChatAnswers.Call("weather", """{"city":"Bonn"}"""),
            build: offpeak => offpeak.AddTool(AIFunctionFactory.Create(SlowAsync, "weather")));
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Provider.Set(Providers.ProviderBatchState.Ended);

        var first = engine.PollAsync(id);
        while (calls.IsEmpty)
            await Task.Yield();
        await engine.PollAsync(id);
        gate.SetResult();
        await first;

        Assert.Equal((1, 2), (calls.Count, (await engine.BatchAsync(id)).Round));

        async Task<string> SlowAsync(string city)
        {
            calls.Enqueue(city);
            await gate.Task;
            return city;
        }
    }

    [Fact]
    public async Task Answer_that_stops_for_tools_and_calls_none_fails_its_entry_with_the_reason_and_no_other()
    {
        await using var engine = await StartAsync(request => ChatAnswers.LastText(request).Contains("odd", StringComparison.Ordinal)
            ? ChatAnswers.Say("hm", "tool_calls")
            : ChatAnswers.Say("fine"));
        var id = await engine.SubmitAsync(Description, Entry("a"), NewEntry.FromPrompt("b", "odd"));

        await engine.FinishAsync(id);

        var odd = await engine.EntryAsync(id, "b");
        Assert.Equal(("not_continued", "The answer stopped for tool calls but holds none."), (odd.ErrorCode, odd.ErrorMessage));
        Assert.Equal("fine", (await engine.EntryAsync(id, "a")).Text);
        Assert.Empty(engine.Reports);
    }

    [Fact]
    public async Task Answer_that_cannot_be_written_on_fails_its_entry_and_is_reported()
    {
        await using var engine = await StartAsync(_ => ChatAnswers.Call("weather", """{"city":"Bonn"}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Hooks.Once("CountTurnsAsync", () =>
        {
            engine.Provider.Codec = new FakeCodec();
            return Task.CompletedTask;
        });

        await engine.FinishAsync(id);

        Assert.Equal("not_continued", (await engine.EntryAsync(id, "a")).ErrorCode);
        var report = Assert.Single(engine.Reports);
        Assert.Equal(("continue_entries", id), (report.Component, report.BatchId));
    }

    [Fact]
    public async Task Round_in_which_conversations_go_on_is_added_to_those_for_failures()
    {
        await using var engine = await StartAsync(_ => ChatAnswers.Call("weather", """{"city":"Bonn"}"""), options => options.MaxRounds = 3);
        var id = await engine.SubmitAsync(Description, Entry("a"));
        engine.Provider.Set(Providers.ProviderBatchState.Ended);

        await engine.PollAsync(id);

        var batch = await engine.BatchAsync(id);
        Assert.Equal((4, null), (batch.MaxRounds, batch.LeaseOwner));
    }

    [Fact]
    public async Task Wish_that_is_noted_while_the_lease_is_given_back_does_not_leave_it_taken()
    {
        await using var engine = await StartAsync(_ => ChatAnswers.Call("weather", """{"city":"Bonn"}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));
        var noted = 0;
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "TryChangeBatchAsync" && args[1] is BatchChange { HeldBy: not null } && noted++ == 0)
                engine.ExecuteAsync($"UPDATE offpeak_batches SET version = version + 1 WHERE id = {id};").GetAwaiter().GetResult();
        };
        engine.Provider.Set(Providers.ProviderBatchState.Ended);

        await engine.PollAsync(id);

        Assert.Equal((2, null), (noted, (await engine.BatchAsync(id)).LeaseOwner));
    }

    private Task<Engine> StartAsync(
        Func<JsonObject, Providers.ProviderResult> answer, Action<OffpeakOptions>? options = null, FlowProbe? probe = null) =>
        ChatAnswers.StartAsync(answer, options, offpeak => offpeak.AddTool(AIFunctionFactory.Create(Weather, "weather")), probe);

    private string Weather(string city)
    {
        if (city == "Nowhere")
            throw new InvalidOperationException("There is no such city.");
        calls.Enqueue(city);
        return $"rain in {city}";
    }

    private static NewEntry Entry(string id) =>
        NewEntry.FromPrompt(id, "Weather?", new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city, "weather")] });
}
