using System.Text.Json.Nodes;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Turns;

public sealed class NoAnswerTests
{
    private static readonly NewBatch Description = new("fake/model-1");

    [Theory]
    [InlineData("stop", "The answer is empty; the model ended with 'stop'.")]
    [InlineData("MALFORMED_FUNCTION_CALL", "The answer is empty; the model ended with 'MALFORMED_FUNCTION_CALL'.")]
    [InlineData(null, "The answer is empty; the model did not say why it ended.")]
    public async Task Empty_answer_fails_at_once_with_the_providers_word(string? finishReason, string message)
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ =>
        {
            count++;
            return ChatAnswers.SayNothing(finishReason);
        });
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello"), NewEntry.FromPrompt("b", "Hello", ChatAnswers.WithSchema));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((2, BatchStatus.Completed, 2, 1), (count, batch.Status, batch.FailedCount, batch.Round));
        foreach (var entry in await engine.EntriesAsync(id))
            Assert.Equal(("empty_answer", message, 10L), (entry.ErrorCode, entry.ErrorMessage, entry.InputTokens));
    }

    [Fact]
    public async Task Empty_answer_at_the_limit_is_asked_again_once_as_it_was_with_a_higher_limit()
    {
        var requests = new List<JsonObject>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            requests.Add(request);
            return requests.Count == 1 ? ChatAnswers.SayNothing("length") : ChatAnswers.Say("Now.");
        });
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello", new() { MaxOutputTokens = 50 }));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((1, 2, 2), (batch.SucceededCount, batch.Round, requests.Count));
        Assert.Equal(["user"], ChatAnswers.Roles(requests[1]));
        Assert.Equal((50, 100), ((int)requests[0]["max_completion_tokens"]!, (int)requests[1]["max_completion_tokens"]!));
        Assert.Equal(20, (await engine.EntryAsync(id, "a")).InputTokens);
    }

    [Theory]
    [InlineData(50, 2, "The answer is empty: it ended at the limit on output tokens, also at a higher one (100).")]
    [InlineData(null, 1, "The answer is empty: it ended at the model's own limit on output tokens.")]
    public async Task Answer_that_stays_empty_at_the_limit_fails_and_says_which_limit(int? limit, int asked, string message)
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ =>
        {
            count++;
            return ChatAnswers.SayNothing("length");
        });
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello", new() { MaxOutputTokens = limit }));

        await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((asked, EntryStatus.Failed, "output_limit", message), (count, entry.Status, entry.ErrorCode, entry.ErrorMessage));
    }

    [Fact]
    public async Task Cancelled_batch_asks_no_empty_answer_again()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.SayNothing("length"));
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello", new() { MaxOutputTokens = 50 }));
        await engine.Client.CancelAsync(id);

        await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal(("output_limit", "The answer is empty: it ended at the limit of 50 output tokens."), (entry.ErrorCode, entry.ErrorMessage));
    }

    [Fact]
    public async Task Answers_that_were_cut_off_and_count_are_counted()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("half a", "length"));
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello"), NewEntry.FromPrompt("b", "Hello"));
        Assert.Equal(0, await engine.Client.CountCutOffAsync(id));

        await engine.FinishAsync(id);

        Assert.Equal(2, await engine.Client.CountCutOffAsync(id));
        Assert.Equal(OffpeakErrorCode.BatchNotFound, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CountCutOffAsync(99))).Code);
    }

    [Fact]
    public async Task Refused_and_blocked_answers_fail_and_keep_what_was_paid()
    {
        await using var engine = await ChatAnswers.StartAsync(request => ChatAnswers.LastText(request).Contains("refuse", StringComparison.Ordinal)
            ? ChatAnswers.Say("No.").AsRefused(null)
            : ChatAnswers.Say("Half").AsBlocked("SAFETY", "Not this."));
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "refuse", ChatAnswers.WithSchema), NewEntry.FromPrompt("b", "block"));

        var batch = await engine.FinishAsync(id);

        var (refused, blocked) = (await engine.EntryAsync(id, "a"), await engine.EntryAsync(id, "b"));
        Assert.Equal((BatchStatus.Completed, 2, 1), (batch.Status, batch.FailedCount, batch.Round));
        Assert.Equal(("refused", "The model refused to answer.", "refusal", "No."), (refused.ErrorCode, refused.ErrorMessage, refused.FinishReason, refused.Text));
        Assert.Equal(
            ("content_filter", "The provider blocked it: SAFETY. Not this.", "content_filter"), (blocked.ErrorCode, blocked.ErrorMessage, blocked.FinishReason));
        Assert.Equal((10L, 5L), (blocked.InputTokens, blocked.OutputTokens));
    }

    [Fact]
    public async Task Paused_answer_goes_on_with_what_was_said_and_no_further_word()
    {
        var requests = new List<JsonObject>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            requests.Add(request);
            return requests.Count < 3 ? ChatAnswers.Say($"Wait {requests.Count}", "pause_turn") : ChatAnswers.Say("Done.");
        });
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((1, 3), (batch.SucceededCount, batch.Round));
        Assert.Equal(["user", "assistant", "assistant"], ChatAnswers.Roles(requests[2]));
        Assert.Equal("\"Wait 2\"", ChatAnswers.LastText(requests[2]));
        Assert.Equal(2, (await engine.EntryAsync(id, "a")).Turns);
    }

    [Theory]
    [InlineData(0, 4, 3)]
    [InlineData(2, 4, 3)]
    [InlineData(5, 6, 5)]
    public async Task Answer_that_pauses_for_ever_fails_after_the_turns_that_are_allowed(int turns, int asked, int most)
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ =>
        {
            count++;
            return ChatAnswers.Say("Wait", "pause_turn");
        });
        var id = await engine.SubmitAsync(Description with { MaxTurns = turns }, NewEntry.FromPrompt("a", "Hello"));

        var batch = await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((asked, BatchStatus.Completed, "turn_limit"), (count, batch.Status, entry.ErrorCode));
        Assert.Equal($"It still paused (pause_turn) after {most} turns.", entry.ErrorMessage);
    }

    [Fact]
    public async Task Cancelled_batch_lets_no_pause_go_on()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("Wait", "pause_turn"));
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello"));
        await engine.Client.CancelAsync(id);

        await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((EntryStatus.Failed, "not_continued"), (entry.Status, entry.ErrorCode));
        Assert.Contains("pause_turn", entry.ErrorMessage, StringComparison.Ordinal);
    }
}
