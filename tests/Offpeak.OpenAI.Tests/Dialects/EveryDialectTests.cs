using Offpeak.Codec;
using Offpeak.OpenAI.Tests.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.OpenAI.Tests.Dialects;

/// <summary>What holds for every server, whatever its accent.</summary>
public class EveryDialectTests
{
    public static readonly TheoryData<string> All = ["openai", "azure", "azure-dated", "groq", "together", "mistral", "openrouter"];

    public static readonly TheoryData<string> WithKeys = ["openai", "azure", "azure-dated", "groq", "together", "mistral"];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_batch_goes_from_the_first_call_to_clean_up(string name)
    {
        await using var bench = await DialectBench.StartAsync(name);
        bench.Emulator.Answers = request => request.CustomId == "op-test-2" ? EmulatedAnswer.Fail(429, "busy") : EmulatedAnswer.Say("fine é");
        var batch = await bench.SubmitAsync(3);
        var first = await bench.Provider.GetStatusAsync(batch, default);
        Assert.Equal((ProviderBatchState.Running, false), (first.State, first.StatusIsUnknown));
        bench.Time.Advance(TimeSpan.FromMilliseconds(700));
        Assert.False((await bench.Provider.GetStatusAsync(batch, default)).StatusIsUnknown);

        batch = await bench.EndAsync(batch);
        var results = (await bench.ResultsAsync(batch)).ToDictionary(result => result.WireId!);
        Assert.Equal(3, results.Count);
        Assert.Equal((ProviderResultKind.Failed, true), (results["op-test-2"].Kind, results["op-test-2"].IsPassing));
        Assert.Equal((ProviderResultKind.Succeeded, "stop"), (results["op-test-1"].Kind, results["op-test-1"].FinishReason));
        Assert.Equal("fine é", bench.Provider.Codec.Decode(BatchEndpoint.Chat, results["op-test-1"].Body).Text);
        Assert.Equal((3, 2, 1), Counts((await bench.Provider.GetStatusAsync(batch, default)).Counts!));

        await bench.Provider.CleanUpAsync(batch, default);
        Assert.Empty(bench.Emulator.Files);
        await bench.Provider.CleanUpAsync(batch, default);
    }

    [Theory]
    [MemberData(nameof(WithKeys))]
    public async Task A_lost_reply_is_found_again_among_others(string name)
    {
        await using var bench = await DialectBench.StartAsync(name);
        await bench.SubmitAsync(3, "op-before");
        bench.Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        var shard = DialectBench.Shard(bench.Provider, 3, model: "gpt-test");
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await Make.Failure(() => bench.SubmitAsync(shard))).Class);
        await bench.SubmitAsync(3, "op-after");
        Assert.Equal([bench.Emulator.Batches[1].Id], (await bench.FindAsync(shard)).ProviderBatchIds);
        Assert.Equal(FindOutcome.Absent, (await bench.FindAsync(DialectBench.Shard(bench.Provider, 3, "op-never"))).Outcome);
    }

    [Theory]
    [MemberData(nameof(WithKeys))]
    public async Task A_lost_reply_is_found_over_many_pages(string name)
    {
        await using var bench = await DialectBench.StartAsync(name);
        var shard = DialectBench.Shard(bench.Provider, 1);
        var wanted = await bench.SubmitAsync(shard);
        for (var i = 0; i < 130; i++)
            await bench.SubmitAsync(1, "op-other");
        Assert.Equal([wanted.ProviderBatchId], (await bench.FindAsync(shard)).ProviderBatchIds);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_end_before_its_time_is_told_and_what_was_done_is_read(string name)
    {
        await using var bench = await DialectBench.StartAsync(name);
        bench.Emulator.Faults.Add(Fault.EndBatch("expired", 0.5), Fault.EndBatch("cancelled", 0.5) with { Nth = 2 }, Fault.FailBatch("bad", "No such model.") with { Nth = 3 });
        var expired = await bench.EndAsync(await bench.SubmitAsync(4), ProviderBatchState.Expired);
        Assert.Equal(2, (await bench.ResultsAsync(expired)).Count(result => result.Kind == ProviderResultKind.Succeeded));
        var cancelled = await bench.EndAsync(await bench.SubmitAsync(4), ProviderBatchState.Canceled);
        Assert.Equal(2, (await bench.ResultsAsync(cancelled)).Count(result => result.Kind == ProviderResultKind.Succeeded));
        var failed = await bench.SubmitAsync(4);
        await bench.EndAsync(failed, ProviderBatchState.Failed);
        Assert.Equal("No such model.", (await bench.Provider.GetStatusAsync(failed, default)).Failure!.Message);
    }

    [Theory]
    [MemberData(nameof(WithKeys))]
    public async Task Cancelling_is_a_request_and_harmless_afterwards(string name)
    {
        await using var bench = await DialectBench.StartAsync(name);
        var batch = await bench.SubmitAsync(2);
        await bench.Provider.CancelAsync(batch, default);
        Assert.False((await bench.Provider.GetStatusAsync(batch, default)).StatusIsUnknown);
        await bench.EndAsync(batch, ProviderBatchState.Canceled);
        await bench.Provider.CancelAsync(batch, default);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_wrong_key_is_unauthorized(string name)
    {
        await using var bench = await DialectBench.StartAsync(name, options => options.ApiKey = "sk-another-key-1234");
        Assert.Equal(ProviderErrorClass.Unauthorized, (await Make.Failure(() => bench.SubmitAsync(1))).Class);
        Assert.Empty(bench.Emulator.Batches);
    }

    private static (int?, int?, int?) Counts(ProviderCounts counts) => (counts.Total, counts.Succeeded, counts.Failed);
}
