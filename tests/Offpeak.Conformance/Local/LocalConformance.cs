using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Conformance.Support;
using Offpeak.Local;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Local;

public static class LocalConformance
{
    public sealed class Submit : LocalSuite
    {
        [Fact]
        public async Task A_submit_is_announced_once_and_sends_nothing()
        {
            var client = Echo();
            var submission = Shard(Make(client), 3);
            var (batch, _) = await SubmitAsync(Make(client), submission);
            Assert.Equal((Submitted.Value, 1, 0, 0), (batch.ProviderBatchId, submission.CreatesBegun, submission.Readings, client.Calls));
            Assert.Empty(submission.Notes);
        }

        [Fact]
        public async Task Every_entry_is_asked_once_and_answered_under_its_own_id()
        {
            var client = Echo();
            var provider = Make(client);
            var (batch, open) = await SubmitAsync(provider, 25);
            var results = await ReadAsync(provider, batch, open);

            Assert.Equal(25, client.Calls);
            Assert.Equal(Ids(1, 25), results.Select(result => result.WireId).Order());
            Assert.Equal(Enumerable.Range(1, 25).Select(number => (long?)number), results.Select(result => (long?)result.Line).Order());
            Assert.All(results, result => Assert.Equal(
                $"Quokka Question {result.WireId!.Split('-')[^1].PadLeft(6, '0')}", provider.Codec.ReadText(batch.Endpoint, result.Body.Span)));
        }
    }

    public sealed class LostReply : LocalSuite
    {
        [Fact]
        public async Task A_begun_batch_is_found_by_its_key_and_runs()
        {
            var client = Echo();
            var provider = Make(client);
            var submission = Shard(provider, 3);
            var found = await provider.FindAsync(submission.Since(Clock.GetUtcNow()), default);
            Assert.Equal((FindOutcome.Found, Submitted.Value), (found.Outcome, Assert.Single(found.ProviderBatchIds)));

            var (batch, open) = await SubmitAsync(provider, submission);
            Assert.Equal(found.ProviderBatchIds[0], batch.ProviderBatchId);
            Assert.Equal(3, (await ReadAsync(provider, batch, open)).Count);
        }

        [Fact]
        public async Task Another_process_asks_only_what_has_no_answer_yet()
        {
            var provider = Make(Echo(), options => options.MaxConcurrency = 1);
            var (batch, open) = await SubmitAsync(provider, 10);
            var before = await ReadAsync(provider, batch, open, most: 4);

            var client = Echo();
            var after = await ReadAsync(Make(client), batch, open);
            Assert.Equal((4, 6, 6), (before.Count, after.Count, client.Calls));
            Assert.Equal(Ids(1, 10), before.Concat(after).Select(result => result.WireId).Order());
        }
    }

    /// <summary>What a client can say of an answer that is none; the engine does the rest.</summary>
    public sealed class Answer : LocalSuite
    {
        [Fact]
        public async Task A_refusal_fails_in_the_models_own_words()
        {
            var refusal = new ErrorContent("I can't help with that.") { ErrorCode = "Refusal" };
            var result = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, [refusal])) { FinishReason = ChatFinishReason.Stop });
            Assert.Equal(
                (ProviderResultKind.Failed, "refused", "I can't help with that.", "refusal"), (result.Kind, result.ErrorCode, result.ErrorMessage, result.FinishReason));

            result = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, "We")) { FinishReason = new ChatFinishReason("refusal") });
            Assert.Equal(("refused", "The model refused to answer."), (result.ErrorCode, result.ErrorMessage));
        }

        [Fact]
        public async Task A_blocked_answer_fails_and_stays_paid()
        {
            var result = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, "Half"))
            {
                FinishReason = ChatFinishReason.ContentFilter,
                Usage = new UsageDetails { InputTokenCount = 3, OutputTokenCount = 2 },
            });
            Assert.Equal((ProviderResultKind.Failed, "content_filter", new TokenUsage(3, 0, 2)), (result.Kind, result.ErrorCode, result.Usage));
            Assert.False(result.Body.IsEmpty);
        }

        [Fact]
        public async Task Thoughts_alone_are_an_empty_answer()
        {
            var thoughts = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("Hm.")])));
            var words = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("Hm."), new TextContent("Yes.")])));
            var image = await AskAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new DataContent(new byte[] { 1 }, "image/png")])));
            Assert.Equal((true, false, false), (thoughts.IsEmpty, words.IsEmpty, image.IsEmpty));
        }

        [Fact]
        public void Texts_of_an_answer_are_read_one_by_one()
        {
            var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("See: "), new TextContent("{}")]));
            var body = JsonSerializer.SerializeToUtf8Bytes(response, AIJsonUtilities.DefaultOptions);
            var choice = Assert.Single(new LocalCodec().ReadChoices(BatchEndpoint.Chat, body));
            Assert.Equal("See: {}", choice.Text);
            Assert.Equal(["See: ", "{}"], choice.Parts);
        }

        private async Task<ProviderResult> AskAsync(ChatResponse response)
        {
            var provider = Make(new ScriptedChatClient(response));
            var (batch, open) = await SubmitAsync(provider, 1);
            return Assert.Single(await ReadAsync(provider, batch, open));
        }
    }

    public sealed class Poll : LocalSuite
    {
        [Fact]
        public async Task A_batch_runs_while_an_entry_is_open_and_is_polled_again_at_once()
        {
            var client = Echo();
            var provider = Make(client);
            var (batch, _) = await SubmitAsync(provider, 2);
            var snapshot = await provider.GetStatusAsync(batch, default);
            Assert.Equal((ProviderBatchState.Running, true, TimeSpan.Zero), (snapshot.State, snapshot.HasPartialResults, snapshot.PollDelay));
            Assert.False(snapshot.StatusIsUnknown);
            Assert.Equal(0, client.Calls);
        }

        [Fact]
        public async Task A_poll_makes_room_for_other_batches_after_its_slice()
        {
            var client = new ScriptedChatClient(prompt =>
            {
                Clock.Advance(TimeSpan.FromSeconds(5));
                return prompt;
            });
            var provider = Make(client, options => (options.MaxConcurrency, options.SliceDuration) = (1, TimeSpan.FromSeconds(20)));
            var (batch, open) = await SubmitAsync(provider, 6);

            Assert.Equal(4, (await ReadAsync(provider, batch, open)).Count);
            Assert.Equal(ProviderBatchState.Running, (await provider.GetStatusAsync(batch, default)).State);
            Assert.Equal(Ids(5, 6), (await ReadAsync(provider, batch, open)).Select(result => result.WireId).Order());
        }
    }

    public sealed class Terminal : LocalSuite
    {
        [Fact]
        public async Task A_batch_ends_when_no_entry_is_open_and_asks_nothing_more()
        {
            var client = Echo();
            var provider = Make(client);
            var (batch, open) = await SubmitAsync(provider, 3);
            await ReadAsync(provider, batch, open);

            var snapshot = await provider.GetStatusAsync(batch, default);
            Assert.Equal((ProviderBatchState.Ended, true), (snapshot.State, snapshot.ResultsReady));
            Assert.Empty(await ReadAsync(provider, batch, open));
            Assert.Equal(3, client.Calls);
        }

        [Fact]
        public async Task A_batch_whose_cancel_is_wished_is_over_though_entries_are_open()
        {
            var provider = Make(Echo());
            var (batch, _) = await SubmitAsync(provider, 3);
            Assert.Equal(ProviderBatchState.Canceled, (await provider.GetStatusAsync(batch with { CancelRequested = true }, default)).State);
        }
    }

    public sealed class Results : LocalSuite
    {
        [Theory]
        [InlineData(400, "request_refused", false)]
        [InlineData(404, "request_refused", false)]
        [InlineData(422, "request_refused", false)]
        [InlineData(408, "transient", true)]
        [InlineData(429, "rate_limited", true)]
        [InlineData(500, "transient", true)]
        [InlineData(503, "transient", true)]
        public async Task A_failed_call_has_its_class_and_fails_no_other_entry(int status, string code, bool isPassing)
        {
            var provider = Make(new ScriptedChatClient(prompt => prompt.EndsWith('2')
                ? throw new HttpRequestException($"The server said {status}.", null, (HttpStatusCode)status)
                : prompt));
            var (batch, open) = await SubmitAsync(provider, 3);
            var results = await ReadAsync(provider, batch, open);

            Assert.Equal(Ids(1, 3), results.Select(result => result.WireId).Order());
            var failed = Assert.Single(results, result => result.Kind == ProviderResultKind.Failed);
            Assert.Equal((Submitted.WireId(2), status, code, isPassing), (failed.WireId, failed.StatusCode, failed.ErrorCode, failed.IsPassing));
            Assert.Equal($"The server said {status}.", failed.ErrorMessage);
            var expected = isPassing ? ProviderBatchState.Running : ProviderBatchState.Ended;
            Assert.Equal(expected, (await provider.GetStatusAsync(batch, default)).State);
        }

        [Fact]
        public async Task A_server_that_is_not_there_fails_the_poll_and_no_entry()
        {
            var provider = Make(new ScriptedChatClient(_ => throw new HttpRequestException(HttpRequestError.ConnectionError, "No route.")));
            var (batch, open) = await SubmitAsync(provider, 3);
            var failure = await Assert.ThrowsAsync<ProviderException>(() => ReadAsync(provider, batch, open));
            Assert.Equal(ProviderErrorClass.Unreachable, failure.Class);
            Assert.Equal(3, await batch.ReadOpenEntriesAsync(default).CountAsync());
        }
    }

    public sealed class Failure : LocalSuite
    {
        [Fact]
        public async Task What_was_answered_is_given_before_the_failure_that_stops_the_slice()
        {
            var all = new TaskCompletionSource();
            var begun = 0;
            var provider = Make(
                new ScriptedChatClient(async (prompt, _) =>
                {
                    if (Interlocked.Increment(ref begun) == 8)
                        all.SetResult();
                    await all.Task;
                    return prompt.EndsWith('8') ? throw Unreachable() : prompt;
                }),
                options => options.MaxConcurrency = 8);
            var (batch, open) = await SubmitAsync(provider, 8);
            var failure = await Assert.ThrowsAsync<ProviderException>(() => ReadAsync(provider, batch, open));
            Assert.Equal(ProviderErrorClass.Unreachable, failure.Class);
            Assert.Equal(Ids(8, 8), await batch.ReadOpenEntriesAsync(default).Select(entry => entry.WireId).ToListAsync());
        }

        [Fact]
        public async Task A_call_under_way_is_waited_for_and_its_answer_kept()
        {
            var begun = new TaskCompletionSource();
            OpenEntries open = null!;
            var client = new ScriptedChatClient(async (prompt, ct) =>
            {
                if (prompt.EndsWith('1'))
                {
                    await begun.Task;
                    throw Unreachable();
                }

                // Answers only once the failure has ended the slice.
                var ended = new TaskCompletionSource();
                using var registration = open.Reading.Register(ended.SetResult);
                begun.SetResult();
                await ended.Task.WaitAsync(ct);
                return prompt;
            });
            var provider = Make(client, options => options.MaxConcurrency = 2);
            (var batch, open) = await SubmitAsync(provider, 3);
            await Assert.ThrowsAsync<ProviderException>(() => ReadAsync(provider, batch, open));
            Assert.Equal(2, client.Calls);
            Assert.Equal([Submitted.WireId(1), Submitted.WireId(3)], await batch.ReadOpenEntriesAsync(default).Select(entry => entry.WireId).ToListAsync());
        }

        [Fact]
        public async Task What_was_answered_is_given_when_the_process_stops()
        {
            using var stop = new CancellationTokenSource();
            var client = new ScriptedChatClient(prompt => prompt);
            var provider = Make(client, options => options.MaxConcurrency = 4);
            var (batch, open) = await SubmitAsync(provider, 100);
            var given = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (var result in provider.ReadResultsAsync(batch, stop.Token))
                {
                    open.Settle(result);
                    given++;
                    while (client.Calls < 9)
                        await Task.Yield();
                    await stop.CancelAsync();
                }
            });
            Assert.Equal((client.Calls, 0), (given, client.Running));
            Assert.Equal(100 - given, await batch.ReadOpenEntriesAsync(default).CountAsync());
        }

        [Fact]
        public async Task Nothing_that_a_model_says_stops_the_others()
        {
            string[] odd = ["nul \0 in it", "half \ud800 a pair", "\udfff", "\u2028", ""];
            var provider = Make(new ScriptedChatClient(prompt => odd[int.Parse(prompt[^1..]) - 1]));
            var (batch, open) = await SubmitAsync(provider, odd.Length);
            var results = await ReadAsync(provider, batch, open);
            Assert.Equal(Ids(1, odd.Length), results.Select(result => result.WireId!).Order());
            Assert.All(results, result => Assert.NotNull(System.Text.Json.JsonDocument.Parse(result.Body)));
        }

        [Fact]
        public async Task An_answer_that_cannot_be_stored_fails_its_own_entry_alone()
        {
            var provider = new LocalBatchProvider(new Unstorable(), new LocalOptions { MaxAttempts = 1 }, Clock);
            var (batch, open) = await SubmitAsync(provider, 2);
            var results = await ReadAsync(provider, batch, open);
            Assert.Equal(2, results.Count);
            var failed = Assert.Single(results, result => result.Kind == ProviderResultKind.Failed);
            Assert.Contains("cannot be stored", failed.ErrorMessage, StringComparison.Ordinal);
            Assert.False(failed.IsPassing);
            Assert.DoesNotContain('\0', Assert.Single(results, result => result.Kind == ProviderResultKind.Succeeded).Model!);
        }

        private static HttpRequestException Unreachable() => new(HttpRequestError.ConnectionError, "refused");

        private sealed class Unstorable : IChatClient
        {
            public Task<ChatResponse> GetResponseAsync(
                IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            {
                var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, "yes")) { ModelId = "llama\0\ud800" };
                if (messages.Last().Text.EndsWith('1'))
                    response.AdditionalProperties = new() { ["handle"] = new IntPtr(1) };
                return Task.FromResult(response);
            }

            public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
                IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                throw new NotSupportedException();

            public object? GetService(Type serviceType, object? serviceKey = null) => null;

            public void Dispose()
            {
            }
        }
    }

    public sealed class CancelRace : LocalSuite
    {
        [Fact]
        public async Task A_cancel_between_answers_keeps_them_and_begins_no_further_call()
        {
            var client = Echo();
            var provider = Make(client);
            var (batch, open) = await SubmitAsync(provider, 100);
            Assert.Equal(5, (await ReadAsync(provider, batch, open, most: 5)).Count);

            var calls = client.Calls;
            await provider.CancelAsync(batch, default);
            await provider.CancelAsync(batch, default);
            Assert.Empty(await ReadAsync(provider, batch with { CancelRequested = true }, open));
            Assert.Equal(calls, client.Calls);
        }

        [Fact]
        public async Task Whoever_stops_reading_stops_the_calls_in_flight()
        {
            var client = new ScriptedChatClient(async (prompt, stop) =>
            {
                if (!prompt.EndsWith('1'))
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
                return prompt;
            });
            var provider = Make(client);
            var (batch, open) = await SubmitAsync(provider, 9);
            Assert.Single(await ReadAsync(provider, batch, open, most: 1));
            Assert.Equal(0, client.Running);
            Assert.Equal(Ids(2, 9), await batch.ReadOpenEntriesAsync(default).Select(entry => entry.WireId).ToListAsync());
        }

        [Fact]
        public async Task A_cancel_that_comes_too_late_is_no_error()
        {
            var provider = Make(Echo());
            var (batch, open) = await SubmitAsync(provider, 3);
            await ReadAsync(provider, batch, open);
            await provider.CancelAsync(batch, default);
            Assert.Equal(ProviderBatchState.Ended, (await provider.GetStatusAsync(batch, default)).State);
        }
    }

    public sealed class CleanUp : LocalSuite
    {
        [Fact]
        public async Task A_clean_up_asks_nothing_and_may_be_repeated()
        {
            var client = Echo();
            var provider = Make(client);
            var (batch, open) = await SubmitAsync(provider, 2);
            await ReadAsync(provider, batch, open);
            await provider.CleanUpAsync(batch, default);
            await provider.CleanUpAsync(batch, default);
            await ((IBatchProvider)provider).AbandonAsync(new FindRequest(batch, Clock.GetUtcNow()), default);
            Assert.Equal(2, client.Calls);
        }
    }

    public sealed class WrongKey : LocalSuite
    {
        [Theory]
        [InlineData(401)]
        [InlineData(403)]
        public async Task A_refused_key_stops_the_batch_and_is_shown_nowhere(int status)
        {
            var provider = Make(
                new ScriptedChatClient(prompt => prompt.EndsWith('1') ? prompt : throw Refusal(status)),
                options => options.MaxConcurrency = 1);
            var (batch, open) = await SubmitAsync(provider, 3);
            var failure = await Assert.ThrowsAsync<ProviderException>(() => ReadAsync(provider, batch, open));

            Assert.Equal((ProviderErrorClass.Unauthorized, status), (failure.Class, failure.StatusCode));
            Assert.Contains("Incorrect API key", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, failure.ToString());
            // What was answered before the refusal arrived; the others are asked when the key is right.
            Assert.Equal(Ids(2, 3), await batch.ReadOpenEntriesAsync(default).Select(entry => entry.WireId).ToListAsync());
        }

        [Fact]
        public async Task A_key_in_the_failure_of_an_entry_is_not_kept()
        {
            var provider = Make(new ScriptedChatClient(_ => throw Refusal(400)));
            var (batch, open) = await SubmitAsync(provider, 1);
            var failed = Assert.Single(await ReadAsync(provider, batch, open));
            Assert.Contains("Incorrect API key", failed.ErrorMessage, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, failed.ErrorMessage);
        }

        [Fact]
        public void There_is_no_fingerprint_of_a_key_that_only_the_client_knows() => Assert.Null(Make(Echo()).KeyFingerprint);

        private static HttpRequestException Refusal(int status) => new($"Incorrect API key provided: {Key}.", null, (HttpStatusCode)status);
    }

    [Collection(MemoryCollection.Name)]
    public sealed class Streaming : LocalSuite
    {
        private const int Entries = 100_000;
        private const long Bound = 180_000_000;

        [Fact]
        public async Task A_hundred_thousand_entries_are_answered_in_bounded_memory()
        {
            var answer = new string('x', 3_000);
            var client = new ScriptedChatClient(_ => answer);
            var provider = Make(client);
            var (batch, _) = await SubmitAsync(provider, Large(provider));

            await using var memory = PeakMemory.Watch();
            var bytes = 0L;
            await foreach (var result in provider.ReadResultsAsync(batch, default))
            {
                Assert.Equal(ProviderResultKind.Succeeded, result.Kind);
                bytes += result.Body.Length;
            }

            // All of it at once would not fit.
            Assert.InRange(bytes, (long)Entries * answer.Length, long.MaxValue);
            Assert.Equal(Entries, client.Calls);
            Assert.InRange(await memory.GrowthAsync(), 0, Bound);
        }

        [Fact]
        public async Task No_call_runs_far_ahead_of_whoever_reads()
        {
            const int Concurrency = 4;
            const int MostBegun = 1 + Concurrency + Concurrency;
            var client = Echo();
            var provider = Make(client, options => options.MaxConcurrency = Concurrency);
            var (batch, _) = await SubmitAsync(provider, Large(provider));
            await foreach (var _ in provider.ReadResultsAsync(batch, default))
            {
                // One result was read, as many wait to be read, and as many wait for a place.
                while (client.Calls < MostBegun)
                    await Task.Yield();
                for (var i = 0; i < 20_000; i++)
                    await Task.Yield();
                Assert.Equal(MostBegun, client.Calls);
                break;
            }
        }

        private static MemorySubmission Large(LocalBatchProvider provider)
        {
            var body = provider.Codec.Encode(Model, BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, "Question")]);
            return MemorySubmission.Of(Submitted, Model, BatchEndpoint.Chat, Entries, _ => body);
        }
    }
}
