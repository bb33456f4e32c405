using System.Text.Json.Nodes;
using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Turns;

public sealed class StructuredAnswerTests
{
    private static readonly NewBatch Description = new("fake/model-1");

    [Fact]
    public async Task Answer_that_matches_its_schema_is_the_last_word()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("""{"size":3}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 1, 1), (batch.Status, batch.SucceededCount, batch.Round));
    }

    [Fact]
    public async Task Invalid_answer_is_asked_again_in_the_next_round_with_the_error_shown_to_the_model()
    {
        var requests = new List<JsonObject>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            requests.Add(request);
            return requests.Count == 1 ? ChatAnswers.Say("""{"size":"big"}""") : ChatAnswers.Say("""{"size":3}""");
        });
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((BatchStatus.Completed, 1, 2), (batch.Status, batch.SucceededCount, batch.Round));
        Assert.Equal(["user", "assistant", "user"], ChatAnswers.Roles(requests[1]));
        Assert.Equal("""{"size":"big"}""", (string)requests[1]["messages"]![1]!["content"]!);
        Assert.Contains("At /size", ChatAnswers.LastText(requests[1]), StringComparison.Ordinal);
        Assert.Equal("""{"size":3}""", (await engine.EntryAsync(id, "a")).Text);
    }

    [Fact]
    public async Task Answer_that_could_not_be_checked_is_kept_as_it_is_and_never_asked_again()
    {
        var answer = $$"""{"size":3{{new string(' ', AnswerSchema.MostCharacters)}}}""";
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ =>
        {
            count++;
            return ChatAnswers.Say(answer);
        });
        var id = await engine.SubmitAsync(Description with { MaxAnswerRetries = 3 }, Entry("a"));

        await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((1, EntryStatus.Failed, "unreadable"), (count, entry.Status, entry.ErrorCode));
        Assert.Equal(answer, entry.ToChatResponse().Text);
        Assert.EndsWith("It is kept as it is.", entry.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_answers_are_paid_for_so_their_usage_adds_up()
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say(count++ == 0 ? "no JSON" : """{"size":3}"""));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Equal(20, (await engine.EntryAsync(id, "a")).InputTokens);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    public async Task Invalid_answers_are_asked_again_only_as_often_as_allowed_and_the_last_is_kept(int retries, int asked)
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ =>
        {
            count++;
            return ChatAnswers.Say("""{"size":"big"}""");
        });
        var id = await engine.SubmitAsync(Description with { MaxAnswerRetries = retries }, Entry("a"));

        var batch = await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((asked, BatchStatus.Completed, 1), (count, batch.Status, batch.FailedCount));
        Assert.Equal((EntryStatus.Failed, "invalid_answer"), (entry.Status, entry.ErrorCode));
        Assert.Contains("big", entry.ToChatResponse().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_of_an_invalid_answer_starts_the_conversation_over()
    {
        var requests = new List<JsonObject>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            requests.Add(request);
            return ChatAnswers.Say(requests.Count < 4 ? "no" : """{"size":3}""");
        });
        var id = await engine.SubmitAsync(Description, Entry("a"));
        await engine.FinishAsync(id);

        await engine.Client.RetryAsync(id);
        await engine.Submit.RunOnceAsync();
        var batch = await engine.FinishAsync(id);

        Assert.Equal(["user"], ChatAnswers.Roles(requests[3]));
        Assert.Equal(1, batch.SucceededCount);
    }

    [Fact]
    public async Task Answer_cut_off_by_max_tokens_is_asked_again_once_with_a_higher_limit()
    {
        var limits = new List<int>();
        await using var engine = await ChatAnswers.StartAsync(request =>
        {
            limits.Add((int)request["max_completion_tokens"]!);
            return limits.Count == 1 ? ChatAnswers.Say("""{"si""", "length") : ChatAnswers.Say("""{"size":3}""");
        });
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal([100, 200], limits);
        Assert.Equal(1, batch.SucceededCount);
    }

    [Fact]
    public async Task Answer_cut_off_again_fails_with_that_reason()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("""{"si""", "length"));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((2, "output_limit"), (batch.Round, (await engine.EntryAsync(id, "a")).ErrorCode));
        Assert.Equal(
            "The answer was cut off at the limit on output tokens, also at a higher one (200).", (await engine.EntryAsync(id, "a")).ErrorMessage);
    }

    [Fact]
    public async Task Answer_cut_off_at_the_models_own_limit_fails_and_is_never_sent_back()
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say(count++ == 0 ? """{"si""" : "never", "length"));
        var options = ChatAnswers.WithSchema.Clone();
        options.MaxOutputTokens = null;
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "How big?", options));

        var batch = await engine.FinishAsync(id);

        var entry = await engine.EntryAsync(id, "a");
        Assert.Equal((1, BatchStatus.Completed, "output_limit"), (count, batch.Status, entry.ErrorCode));
        Assert.Equal("The answer was cut off at the model's own limit on output tokens.", entry.ErrorMessage);
        Assert.Equal("""{"si""", entry.Text);
    }

    [Fact]
    public async Task Cancelled_batch_asks_no_cut_answer_again_and_says_which_limit_it_met()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("""{"si""", "length"));
        var id = await engine.SubmitAsync(Description, Entry("a"));
        await engine.Client.CancelAsync(id);

        await engine.FinishAsync(id);

        Assert.Equal("The answer was cut off at the limit of 100 output tokens.", (await engine.EntryAsync(id, "a")).ErrorMessage);
    }

    [Theory]
    [InlineData("```json\n{\"size\":3}\n```")]
    [InlineData("  ```\n{\"size\":3}```\n")]
    [InlineData("```JSON {\"size\":3} ```")]
    public async Task Fence_around_an_answer_is_taken_off_for_the_check_alone(string answer)
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say(answer));
        var id = await engine.SubmitAsync(Description, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((1, 1), (batch.SucceededCount, batch.Round));
        Assert.Equal(answer, (await engine.EntryAsync(id, "a")).Text);
    }

    [Theory]
    [InlineData("Here it is: ```json\n{\"size\":3}\n```")]
    [InlineData("```json\n```json\n{\"size\":3}\n```\n```")]
    public async Task Only_one_fence_around_the_whole_answer_is_taken_off(string answer)
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say(answer));
        var id = await engine.SubmitAsync(Description with { MaxAnswerRetries = 0 }, Entry("a"));

        await engine.FinishAsync(id);

        Assert.Equal("invalid_answer", (await engine.EntryAsync(id, "a")).ErrorCode);
    }

    [Fact]
    public async Task One_part_that_matches_is_the_answer_and_what_is_said_of_the_rest_is_about_the_whole()
    {
        await using var engine = await ChatAnswers.StartAsync(request => ChatAnswers.LastText(request).Contains("right", StringComparison.Ordinal)
            ? ChatAnswers.SayParts("Here:", """{"size":3}""")
            : ChatAnswers.SayParts("""{"size":""", "\"big\"}"));
        var id = await engine.SubmitAsync(
            Description with { MaxAnswerRetries = 0 }, NewEntry.FromPrompt("a", "right", ChatAnswers.WithSchema), NewEntry.FromPrompt("b", "wrong", ChatAnswers.WithSchema));

        await engine.FinishAsync(id);

        Assert.Equal((EntryStatus.Succeeded, """Here:{"size":3}"""), ((await engine.EntryAsync(id, "a")).Status, (await engine.EntryAsync(id, "a")).Text));
        Assert.Contains("At /size", (await engine.EntryAsync(id, "b")).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entry_without_a_schema_takes_whatever_the_model_says()
    {
        await using var engine = await ChatAnswers.StartAsync(_ => ChatAnswers.Say("cut off he", "length"));
        var id = await engine.SubmitAsync(Description, NewEntry.FromPrompt("a", "Hello"), Entry("b"));

        await engine.FinishAsync(id);

        Assert.Equal(EntryStatus.Succeeded, (await engine.EntryAsync(id, "a")).Status);
        Assert.Equal(EntryStatus.Failed, (await engine.EntryAsync(id, "b")).Status);
    }

    [Fact]
    public async Task Rounds_of_retries_do_not_use_up_those_for_failures()
    {
        var count = 0;
        await using var engine = await ChatAnswers.StartAsync(_ => ++count switch
        {
            1 => ChatAnswers.Say("no"),
            2 => ChatAnswers.Say("still no"),
            3 => new() { Kind = Providers.ProviderResultKind.Failed, IsPassing = true, StatusCode = 503 },
            _ => ChatAnswers.Say("""{"size":3}"""),
        });
        var id = await engine.SubmitAsync(Description with { MaxRounds = 2 }, Entry("a"));

        Assert.Equal(1, (await engine.FinishAsync(id)).SucceededCount);
    }

    [Fact]
    public async Task Budget_that_is_used_up_stops_further_retries()
    {
        await using var engine = await ChatAnswers.StartAsync(
            _ => ChatAnswers.Say("no"), options => options.Prices["fake/model-1"] = new Offpeak.Models.ModelPrice(Input: 0, Output: 1_000_000m));
        var id = await engine.SubmitAsync(Description with { MaxCost = 1 }, Entry("a"));

        var batch = await engine.FinishAsync(id);

        Assert.Equal((1, "budget_exhausted"), (batch.Round, (await engine.EntryAsync(id, "a")).ErrorCode));
    }

    private static NewEntry Entry(string id) => NewEntry.FromPrompt(id, "How big?", ChatAnswers.WithSchema);
}
