using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>What a model or a provider says decides about one entry, never about the batch: every batch ends.</summary>
public sealed class OddResultTests
{
    [Fact]
    public async Task Answer_that_the_codec_chokes_on_is_that_entrys_fate_and_kept()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Codec = new ChokingCodec("answer e2");
        var id = await engine.SubmitAsync(
            new NewBatch("fake/model-1") { MaxAnswerRetries = 0 }, [.. new[] { "e1", "e2", "e3" }.Select(name => NewEntry.FromPrompt(name, name, ChatAnswers.WithSchema))]);
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.Equal((BatchStatus.Completed, 2, 1), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).FailedCount));
        var odd = await engine.EntryAsync(id, "e2");
        Assert.Equal("unreadable", odd.ErrorCode);
        Assert.Contains("InvalidCastException", odd.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((1, 1), (engine.Provider.ResultReads, engine.Reports.Count));
    }

    [Fact]
    public async Task Answer_that_the_store_refuses_is_set_aside_at_the_fourth_reading_and_not_before()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(3);
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == "ApplyResultsAsync" && ((IReadOnlyList<ResultRow>)args[3]!).Any(row => row.Result.Body.Span.IndexOf("answer e2"u8) >= 0))
                throw new InvalidOperationException("The store chokes on it.");
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        for (var reading = 1; reading <= 3; reading++)
            await engine.PollAsync(id);
        Assert.Equal((0, 3), ((await engine.CountsAsync(id)).Succeeded, (await engine.ShardAsync(id)).FaultCount));
        var reports = engine.Reports.Count;

        await engine.PollAsync(id);

        Assert.Equal((2, 1), ((await engine.CountsAsync(id)).Succeeded, (await engine.CountsAsync(id)).Failed));
        Assert.Equal("unreadable", (await engine.EntryAsync(id, "e2")).ErrorCode);
        Assert.Equal("ingest_results", Assert.Single(engine.Reports.Skip(reports)).Component);
    }

    [Theory]
    [InlineData("answer")]
    [InlineData("usage")]
    public async Task Row_that_the_store_refuses_for_ever_is_set_aside_and_the_others_are_kept(string why)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(4);
        var odd = (await engine.Store.ReadRequestsAsync(id, 0, long.MaxValue, CancellationToken.None))[2].EntryId;
        engine.Hooks.OnCall = (verb, arguments) =>
        {
            if (verb == "ApplyResultsAsync" && ((IReadOnlyList<ResultRow>)arguments[3]!).Any(row => row.EntryId == odd && (why == "usage" ? row.Result.Usage is not null : row.Status == EntryStatus.Succeeded)))
                throw new InvalidOperationException("The store does not take it.");
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        await PollOnAsync(engine, id, times: 6);

        Assert.Equal((BatchStatus.Completed, 3, 1), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).FailedCount));
        Assert.Equal("unreadable", (await engine.EntryAsync(id, "e3")).ErrorCode);
        Assert.InRange(engine.Provider.ResultReads, 4, 5);
    }

    // The store comes back at every moment of the isolation, once.
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Store_that_is_away_for_a_while_costs_no_answer(int away)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(4);
        var refusals = 0;
        engine.Hooks.OnVerb = verb =>
        {
            if (verb is "ApplyResultsAsync" or "RenewLeaseAsync" && ++refusals <= away)
                throw new InvalidOperationException("The database is away.");
        };
        engine.Provider.Set(ProviderBatchState.Ended);
        await PollOnAsync(engine, id, times: 12);

        Assert.Equal((BatchStatus.Completed, 4), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount));
    }

    [Fact]
    public async Task Cost_that_nobody_can_have_paid_is_not_believed_and_holds_back_nothing()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = entry => Results.Ok(entry) with { ReportedCost = entry.CustomId == "e3" ? 1 : decimal.MaxValue };
        var id = await engine.SubmitAsync(3);
        engine.Provider.Set(ProviderBatchState.Ended);
        await PollOnAsync(engine, id, times: 6);

        Assert.Equal((BatchStatus.Completed, 3, 1m), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).Cost!.Value));
    }

    [Fact]
    public async Task Results_that_arrived_before_the_reading_broke_are_kept()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync(4);
        engine.Provider.Set(ProviderBatchState.Ended);
        engine.Provider.AfterResult = count => count == 2 ? throw new IOException("The connection broke.") : Task.CompletedTask;
        await engine.PollAsync(id);
        Assert.Equal(2, (await engine.CountsAsync(id)).Succeeded);

        engine.Provider.AfterResult = null;
        await PollOnAsync(engine, id, times: 1);
        Assert.Equal((BatchStatus.Completed, 4, 400L), ((await engine.BatchAsync(id)).Status, (await engine.BatchAsync(id)).SucceededCount, (await engine.BatchAsync(id)).InputTokens!.Value));
    }

    [Theory]
    [InlineData("status", 2)]
    [InlineData("results", 0)]
    [InlineData("mid_results", 1)]
    [InlineData("find", 0)]
    public async Task Batch_ends_also_if_its_provider_throws_whatever_it_likes_for_ever(string where, int kept)
    {
        await using var engine = await Engine.StartAsync();
        if (where == "find")
            engine.Provider.AfterCreate = _ => throw Fault.ReplyLost();

        var id = await engine.SubmitAsync(2);
        Break(engine.Provider, where);
        engine.Provider.Set(ProviderBatchState.Ended);
        for (var hour = 0; hour < 24 * 8 && !(await engine.BatchAsync(id)).Status.IsTerminal(); hour++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.Reconcile.RunOnceAsync();
            await engine.Resume.RunOnceAsync();
            await engine.DeliverAsync();
            await engine.Expire.RunOnceAsync();
        }

        Assert.True((await engine.BatchAsync(id)).Status.IsTerminal());
        Assert.Equal(kept, (await engine.CountsAsync(id)).Succeeded);
        Assert.Equal(where == "find", (await engine.ShardAsync(id)).Doubt is not null);
    }

    private static void Break(FakeProvider provider, string where)
    {
        if (where == "status")
            provider.OnStatus = _ => throw new InvalidCastException("odd");
        else if (where == "results")
            provider.OnResults = _ => throw new FormatException("odd");
        else if (where == "mid_results")
            provider.AfterResult = _ => throw new KeyNotFoundException("odd");
        else
            provider.OnFind = _ => throw new InvalidOperationException("odd");
    }

    private static async Task PollOnAsync(Engine engine, long id, int times)
    {
        for (var poll = 0; poll < times && !(await engine.BatchAsync(id)).Status.IsTerminal(); poll++)
        {
            engine.Time.Advance(TimeSpan.FromHours(1));
            await engine.PollAsync(id);
        }
    }

    // Every request has a schema; one answer is not even text to it.
    private sealed class ChokingCodec(string odd) : IEntryCodec
    {
        private readonly FakeCodec codec = new();

        public byte[] Encode(string model, BatchEndpoint endpoint, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
            codec.Encode(model, endpoint, messages, options);

        public string? ReadText(BatchEndpoint endpoint, ReadOnlySpan<byte> body) =>
            codec.ReadText(endpoint, body) is var text && text == odd ? throw new InvalidCastException("Object must implement IConvertible.") : "{}";

        public ChatResponse Decode(BatchEndpoint endpoint, ReadOnlyMemory<byte> body) => codec.Decode(endpoint, body);

        public byte[] Continue(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, IReadOnlyList<ChatMessage> messages) =>
            codec.Continue(endpoint, request, answer, messages);

        public byte[]? RaiseOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request, double factor) => null;

        public int? ReadOutputLimit(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => null;

        public string? ReadSchema(BatchEndpoint endpoint, ReadOnlyMemory<byte> request) => """{"type":"object"}""";

        public TokenEstimate EstimateInputTokens(string model, BatchEndpoint endpoint, ReadOnlyMemory<byte> request) =>
            codec.EstimateInputTokens(model, endpoint, request);
    }
}
