using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.TestKit;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

/// <summary>A submission that is interrupted at any call goes on, in another process, without a second batch and without a second copy.</summary>
public sealed class KillPointTests
{
    private static readonly Action<XAIOptions> FourCalls = options => options.MaxAppendEntries = 5;

    [Fact]
    public async Task The_create_call_is_journalled_before_and_after_it_and_each_append_after_it()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        var shard = XAIBench.Shard(12);
        var id = (await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId;
        Assert.Equal(
            ["journal create_begun=yes", "begin", $"journal batch_id={id}", "journal appended=5", "journal appended=10", "journal appended=12"],
            shard.Log);
    }

    [Fact]
    public async Task A_lost_reply_of_the_empty_create_is_gone_on_with_under_the_same_name()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        bench.Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch), Fault.HideFromList(TimeSpan.FromSeconds(30)));
        var shard = XAIBench.Shard(12);
        Assert.Equal(ProviderErrorClass.OutcomeUnknown, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default))).Class);

        Assert.Equal(FindOutcome.Absent, (await bench.FindAsync(shard)).Outcome);
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(FindOutcome.Resumable, (await bench.FindAsync(shard)).Outcome);
        var again = shard.Again();
        var id = (await bench.NewProvider(FourCalls).SubmitAsync(again, default)).ProviderBatchId;
        Assert.DoesNotContain("begin", again.Log);
        await IsWholeAsync(bench, again, id);
        Assert.Equal([id], (await bench.FindAsync(again.Again())).ProviderBatchIds);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(4, true)]
    [InlineData(4, false)]
    public async Task An_append_whose_reply_was_lost_is_looked_up_and_not_repeated(int nth, bool arrived)
    {
        // A second copy would be refused here, and so fail the test.
        await using var bench = await XAIBench.StartAsync(FourCalls, new EmulatorOptions { Providers = [new EmulatedXAI { Duplicates = DuplicateRequests.Refuse }] });
        var fault = arrived ? Fault.DropAfterCommit(EmulatorOperation.AppendRequests) : Fault.DropBeforeCommit(EmulatorOperation.AppendRequests);
        bench.Emulator.Faults.Add(fault with { Nth = nth });
        var shard = XAIBench.Shard(20);
        Assert.Equal(ProviderErrorClass.Transient, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default))).Class);
        Assert.Equal(arrived && nth == 4 ? FindOutcome.Found : FindOutcome.Resumable, (await bench.FindAsync(shard)).Outcome);

        var again = shard.Again();
        var id = (await bench.NewProvider(FourCalls).SubmitAsync(again, default)).ProviderBatchId;
        await IsWholeAsync(bench, again, id);
        Assert.Equal(arrived ? 4 : 5, bench.Calls(EmulatorOperation.AppendRequests));
    }

    [Fact]
    public async Task A_half_filled_batch_is_found_by_its_name_even_if_its_id_was_not_journalled()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls, new EmulatorOptions { Providers = [new EmulatedXAI { Duplicates = DuplicateRequests.Refuse }] });
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 3 });
        var shard = XAIBench.Shard(20);
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default));

        var again = shard.Again().Forgetting("batch_id").Forgetting("appended");
        Assert.Equal(FindOutcome.Resumable, (await bench.FindAsync(again)).Outcome);
        var id = (await bench.Provider.SubmitAsync(again, default)).ProviderBatchId;
        await IsWholeAsync(bench, again, id);
    }

    [Fact]
    public async Task A_crash_after_the_last_append_is_found_complete_and_submitting_again_adds_nothing()
    {
        await using var bench = await XAIBench.StartAsync();
        var shard = XAIBench.Shard(3);
        var id = (await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId;
        Assert.Equal([id], (await bench.FindAsync(shard)).ProviderBatchIds);
        Assert.Equal(id, (await bench.Provider.SubmitAsync(shard.Again(), default)).ProviderBatchId);
        Assert.Equal(id, (await bench.Provider.SubmitAsync(shard.Again().Forgetting("appended"), default)).ProviderBatchId);
        Assert.Equal(1, bench.Calls(EmulatorOperation.AppendRequests));
    }

    [Fact]
    public async Task Second_copies_do_not_make_a_batch_look_complete()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls, new EmulatorOptions { Providers = [new EmulatedXAI { Duplicates = DuplicateRequests.SecondCopy }] });
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 });
        var shard = XAIBench.Shard(10);
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default));
        await PostAsync(bench, shard.Journal["batch_id"]!, "op-test-1", "op-test-2", "op-test-3", "op-test-4", "op-test-5");

        Assert.Equal(10, bench.Emulator.Batches.Single().EntryCount);
        Assert.Equal(FindOutcome.Resumable, (await bench.FindAsync(shard)).Outcome);
    }

    [Fact]
    public async Task Being_told_of_a_duplicate_is_no_refusal_but_tried_again()
    {
        await using var bench = await XAIBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 400) with { Message = "Duplicate batch_request_id: op-test-1" });
        Assert.Equal(ProviderErrorClass.Transient, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(XAIBench.Shard(2), default))).Class);
        Assert.Equal(0, bench.Calls(EmulatorOperation.CancelBatch));
    }

    [Fact]
    public async Task A_refused_append_cancels_what_was_added_before_and_hands_it_over_with_the_reason()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 400) with { Nth = 2, Message = "Too long." });
        var shard = XAIBench.Shard(12);
        var batch = shard.At((await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId);
        Assert.NotNull(Assert.Single(bench.Emulator.Batches).CancelRequestedAt);
        var end = await bench.EndAsync(batch, ProviderBatchState.Failed);
        Assert.Equal(ProviderErrorClass.Refused, end.Failure!.Class);
        Assert.Contains("Too long.", end.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_first_append_cancels_the_empty_batch()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 400));
        Assert.Equal(ProviderErrorClass.Refused, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(XAIBench.Shard(12), default))).Class);
        Assert.NotNull(Assert.Single(bench.Emulator.Batches).CancelRequestedAt);
    }

    [Fact]
    public async Task A_refusal_to_list_requests_neither_fails_the_entries_nor_cancels_them()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        bench.Emulator.Faults.Add(
            Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 }, Fault.Respond(EmulatorOperation.ListRequests, 400));
        var shard = XAIBench.Shard(12);
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default));
        Assert.Equal(ProviderErrorClass.Unexpected, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard.Again(), default))).Class);
        Assert.Null(bench.Emulator.Batches.Single().CancelRequestedAt);
    }

    [Fact]
    public async Task A_batch_cancelled_while_it_is_filled_is_handed_over_as_it_is()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 });
        var shard = XAIBench.Shard(12);
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default));
        var batch = shard.At(shard.Journal["batch_id"]!);
        await bench.Provider.CancelAsync(batch, default);
        Assert.Equal(batch.ProviderBatchId, (await bench.Provider.SubmitAsync(shard.Again(), default)).ProviderBatchId);
        await bench.EndAsync(batch, ProviderBatchState.Canceled);
    }

    [Fact]
    public async Task A_batch_given_up_for_want_of_capacity_is_made_anew()
    {
        await using var bench = await XAIBench.StartAsync();
        bench.Emulator.Faults.Add(Fault.FailBatch("x", "The service is at capacity."));
        var shard = XAIBench.Shard(2);
        var first = (await bench.Provider.SubmitAsync(shard, default)).ProviderBatchId;
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        var again = shard.Again();
        var second = (await bench.Provider.SubmitAsync(again, default)).ProviderBatchId;
        Assert.NotEqual(first, second);
        await IsWholeAsync(bench, again, second, batches: 2);
    }

    [Fact]
    public async Task Of_two_batches_of_a_name_the_fuller_is_filled_and_the_other_cancelled()
    {
        await using var bench = await XAIBench.StartAsync(FourCalls);
        var shard = XAIBench.Shard(12);
        bench.Emulator.Faults.Add(Fault.Respond(EmulatorOperation.AppendRequests, 503) with { Nth = 2 });
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default));
        bench.Emulator.Faults.Add(Fault.DropAfterCommit(EmulatorOperation.CreateBatch));
        await XAIBench.Failure(() => bench.Provider.SubmitAsync(XAIBench.Shard(12), default));
        bench.Time.Advance(TimeSpan.FromSeconds(1));

        var again = shard.Again().Forgetting("batch_id");
        var id = (await bench.Provider.SubmitAsync(again, default)).ProviderBatchId;
        Assert.Equal(bench.Emulator.Batches[0].Id, id);
        Assert.NotNull(bench.Emulator.Batches[1].CancelRequestedAt);
        await IsWholeAsync(bench, again, id, batches: 2);
    }

    [Fact]
    public async Task A_name_is_found_over_many_pages()
    {
        await using var bench = await XAIBench.StartAsync();
        var wanted = await bench.SubmitAsync(1, "op-wanted");
        for (var i = 0; i < 120; i++)
            await bench.SubmitAsync(1, "op-other");
        var shard = XAIBench.Shard(1, "op-wanted");
        Assert.Equal([wanted.ProviderBatchId], (await bench.FindAsync(shard)).ProviderBatchIds);
        Assert.Equal(2, bench.Calls(EmulatorOperation.ListBatches));
    }

    [Fact]
    public async Task Creations_keep_to_two_a_second()
    {
        await using var bench = await XAIBench.StartAsync();
        await bench.Provider.SubmitAsync(XAIBench.Shard(1, "op-a"), default);
        await bench.Provider.SubmitAsync(XAIBench.Shard(1, "op-b"), default);
        var third = bench.Provider.SubmitAsync(XAIBench.Shard(1, "op-c"), default);
        Assert.False(third.IsCompleted);
        Assert.Equal(2, bench.Emulator.CreateCalls);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await third;
        Assert.Equal(3, bench.Emulator.CreateCalls);
    }

    [Fact]
    public async Task An_endpoint_without_batches_is_refused_before_anything_is_sent()
    {
        await using var bench = await XAIBench.StartAsync();
        var shard = MemorySubmission.Of(new SubmissionKey("op-test"), "grok-test", BatchEndpoint.Embeddings, 1, _ => "{}"u8.ToArray());
        Assert.Equal(ProviderErrorClass.Refused, (await XAIBench.Failure(() => bench.Provider.SubmitAsync(shard, default))).Class);
        Assert.Empty(bench.Emulator.Requests);
    }

    private static async Task IsWholeAsync(XAIBench bench, MemorySubmission shard, string id, int batches = 1)
    {
        Assert.Equal(batches, bench.Emulator.Batches.Count);
        var batch = shard.At(id);
        await bench.EndAsync(batch);
        var ids = (await bench.ResultsAsync(batch)).Select(result => result.WireId).ToList();
        Assert.Equal(Enumerable.Range(1, shard.EntryCount).Select(i => shard.Key.WireId(i)).Order(), ids.Order());
    }

    private static async Task PostAsync(XAIBench bench, string batchId, params string[] ids)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", XAIBench.Key);
        var items = ids.Select(id => "{\"batch_request_id\":\"" + id + "\",\"batch_request\":{\"chat_get_completion\":{\"model\":\"m\",\"messages\":[]}}}");
        using var content = new StringContent("{\"batch_requests\":[" + string.Join(',', items) + "]}");
        (await http.PostAsync($"{bench.Emulator.XAIBaseUrl}/batches/{batchId}/requests", content)).EnsureSuccessStatusCode();
    }
}
