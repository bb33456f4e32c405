using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>Answers that are none, or odd, through the whole engine: asked once where asking again is no use, never taken for a success.</summary>
public abstract class AnswerSuite<TSubject> : IAsyncLifetime
    where TSubject : ProviderSubject, new()
{
    private static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(
        """{"type":"object","properties":{"label":{"type":"string"}},"required":["label"],"additionalProperties":false}""");

    private static readonly EmulatorOptions Fast = new()
    {
        ValidatingDuration = TimeSpan.Zero,
        BatchDuration = TimeSpan.Zero,
        FinalizingDuration = TimeSpan.Zero,
    };

    private readonly List<string> asked = [];

    private EmulatorServer emulator = null!;
    private AnsweringEngine engine = null!;

    protected TSubject Subject { get; } = new();

    public async ValueTask InitializeAsync()
    {
        emulator = await EmulatorServer.StartAsync(Fast);
        emulator.Answers = request =>
        {
            lock (asked)
                asked.Add(request.Body.GetRawText());
            return null;
        };
        engine = await AnsweringEngine.StartAsync(Subject.Make(emulator, TimeProvider.System, "sk-test"));
    }

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        await emulator.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_is_asked_once_and_fails_in_the_models_own_words(bool hasSchema)
    {
        var entry = await AskAsync(PromptWords.Refuse, hasSchema);

        Assert.Single(asked);
        Assert.Equal((EntryStatus.Failed, Subject.RefusedAs), (entry.Status, entry.ErrorCode));
        Assert.Equal(Subject.RefusedAs == "refused" ? "refusal" : "content_filter", entry.FinishReason);
        Assert.Equal(Subject.RefusedAs == "refused", entry.ErrorMessage == "I'm sorry, but I can't help with that.");
        Assert.True(entry is { InputTokens: > 0, OutputTokens: > 0 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blocked_answer_is_asked_once_and_fails(bool hasSchema)
    {
        foreach (var word in (string[])[PromptWords.Block, PromptWords.BlockPrompt])
        {
            asked.Clear();
            var entry = await AskAsync(word, hasSchema);

            Assert.Single(asked);
            Assert.Equal((EntryStatus.Failed, Subject.BlockedAs), (entry.Status, entry.ErrorCode));
            Assert.False(string.IsNullOrEmpty(entry.ErrorMessage));
            Assert.True(entry.InputTokens > 0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_answer_is_asked_once_and_fails(bool hasSchema)
    {
        var entry = await AskAsync(PromptWords.Empty, hasSchema);

        Assert.Single(asked);
        Assert.Equal((EntryStatus.Failed, "empty_answer"), (entry.Status, entry.ErrorCode));
        Assert.Equal("The answer is empty; the model ended with 'stop'.", entry.ErrorMessage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_that_eat_the_limit_are_asked_again_once_with_more_room_and_nothing_else(bool hasSchema)
    {
        var entry = await AskAsync(PromptWords.Think(150), hasSchema, limit: 100);

        Assert.Equal(2, asked.Count);
        Assert.Equal(asked[0].Replace(":100", ":200", StringComparison.Ordinal), asked[1]);
        Assert.Equal((EntryStatus.Succeeded, "stop"), (entry.Status, entry.FinishReason));
        Assert.True(entry.OutputTokens > 250, "Both are paid for.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_that_eat_the_higher_limit_too_fail_and_name_it(bool hasSchema)
    {
        var entry = await AskAsync(PromptWords.Think(1_000), hasSchema, limit: 600);
        Assert.Equal((EntryStatus.Succeeded, 2), (entry.Status, asked.Count));

        asked.Clear();
        entry = await AskAsync(PromptWords.Think(5_000), hasSchema, limit: 600);
        Assert.Equal((EntryStatus.Failed, "output_limit", 2), (entry.Status, entry.ErrorCode, asked.Count));
        Assert.Equal("The answer is empty: it ended at the limit on output tokens, also at a higher one (1,200).", entry.ErrorMessage);
    }

    [Fact]
    public async Task Thoughts_that_eat_the_models_own_limit_fail_at_once()
    {
        if (!Subject.HasOwnLimit)
            return;

        var entry = await AskAsync(PromptWords.Think(1_000_000), hasSchema: false, limit: null);
        Assert.Equal((EntryStatus.Failed, "output_limit", 1), (entry.Status, entry.ErrorCode, asked.Count));
        Assert.Equal("The answer is empty: it ended at the model's own limit on output tokens.", entry.ErrorMessage);
    }

    [Fact]
    public async Task An_answer_without_a_schema_that_is_cut_off_is_kept_and_counted()
    {
        var entry = await AskAsync(PromptWords.Tokens(150), hasSchema: false, limit: 100);

        Assert.Single(asked);
        Assert.Equal((EntryStatus.Succeeded, "length"), (entry.Status, entry.FinishReason));
        Assert.False(string.IsNullOrEmpty(entry.Text));
        Assert.Equal(1, await engine.Client.CountCutOffAsync(1));
    }

    [Fact]
    public async Task An_answer_with_a_schema_that_is_cut_off_is_asked_again_as_it_was_with_more_room()
    {
        var entry = await AskAsync(PromptWords.Tokens(150), hasSchema: true, limit: 100);
        Assert.Equal(asked[0].Replace(":100", ":200", StringComparison.Ordinal), Assert.Single(asked[1..]));
        Assert.Equal((EntryStatus.Succeeded, 0), (entry.Status, await engine.Client.CountCutOffAsync(1)));

        entry = await AskAsync(PromptWords.Tokens(5_000), hasSchema: true, limit: 600);
        Assert.Equal((EntryStatus.Failed, "output_limit"), (entry.Status, entry.ErrorCode));
        Assert.Equal("The answer was cut off at the limit on output tokens, also at a higher one (1,200).", entry.ErrorMessage);
    }

    [Fact]
    public async Task Json_in_a_fence_is_an_answer_that_matches_its_schema_and_stays_as_it_came()
    {
        var entry = await AskAsync(PromptWords.Fence, hasSchema: true);

        Assert.Single(asked);
        Assert.Equal(EntryStatus.Succeeded, entry.Status);
        Assert.StartsWith("```json\n{", entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_in_one_of_several_texts_is_an_answer_that_matches_its_schema()
    {
        var entry = await AskAsync(PromptWords.Parts, hasSchema: true);

        Assert.Single(asked);
        Assert.Equal((EntryStatus.Succeeded, 2), (entry.Status, Assert.Single(entry.Choices).Parts.Count));
        Assert.StartsWith("Here is what I found.\n{", entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_answers_are_all_read_and_the_first_is_the_text()
    {
        var body = Subject.Body(Subject.Make(emulator, TimeProvider.System, "sk-test"), "Name a colour");
        if (Subject.WithChoices(body, 3) is not { } several)
            return;

        var (_, entries) = await engine.RunAsync(Description, NewEntry.FromBody("a", several));

        var entry = Assert.Single(entries);
        Assert.Equal((EntryStatus.Succeeded, 3), (entry.Status, entry.Choices.Count));
        Assert.Equal(entry.Text, entry.Choices[0].Text);
        Assert.Equal(3, entry.Choices.Select(choice => choice.Text).Distinct().Count());
    }

    [Fact]
    public async Task A_pause_goes_on_in_the_next_round_three_times_at_most()
    {
        if (!Subject.Pauses)
            return;

        var entry = await AskAsync(PromptWords.Pause(3), hasSchema: false);
        Assert.Equal((EntryStatus.Succeeded, "stop", 4, 3), (entry.Status, entry.FinishReason, asked.Count, entry.Turns));
        Assert.Equal(["user", "assistant", "assistant", "assistant"], Roles(asked[3]));

        asked.Clear();
        entry = await AskAsync(PromptWords.Pause(4), hasSchema: true);
        Assert.Equal((EntryStatus.Failed, "turn_limit", 4), (entry.Status, entry.ErrorCode, asked.Count));
        Assert.Equal("It still paused (pause_turn) after 3 turns.", entry.ErrorMessage);

        asked.Clear();
        entry = await AskAsync(PromptWords.Pause(4), hasSchema: false, turns: 5);
        Assert.Equal((EntryStatus.Succeeded, 5), (entry.Status, asked.Count));
    }

    [Fact]
    public async Task Odd_json_is_a_finding_about_that_one_entry()
    {
        string[] odd =
        [
            $$"""{"label":{{new string('7', 60)}}}""", """{"label":NaN}""", $"{new string('[', 500)}{new string(']', 500)}", """{"label":"\ud800"}""",
        ];
        var (batch, entries) = await engine.RunAsync(
            Description with { MaxAnswerRetries = 0 },
            [.. odd.Select((text, i) => Entry($"odd{i}", PromptWords.Say(text), hasSchema: true, limit: 4_000)), Entry("even", "hello", hasSchema: true, limit: 4_000)]);

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(EntryStatus.Succeeded, entries[^1].Status);
        Assert.All(entries.SkipLast(1), entry => Assert.Equal((EntryStatus.Failed, "invalid_answer"), (entry.Status, entry.ErrorCode)));
    }

    [Fact]
    public async Task A_canary_of_answers_that_are_none_stops_the_rest()
    {
        foreach (var word in (string[])[PromptWords.Refuse, PromptWords.Block, PromptWords.Empty])
        {
            asked.Clear();
            var (batch, _) = await engine.RunAsync(
                Description with { Canary = 2 }, Enumerable.Range(0, 6).Select(i => Entry($"e{i}", word, hasSchema: false, limit: 100)));

            Assert.Equal((2, 6), (asked.Count, batch.FailedCount));
            Assert.Contains("0 of the first 2", batch.FailureReason, StringComparison.Ordinal);
        }
    }

    private NewBatch Description => new($"{Subject.Make(emulator, TimeProvider.System, "sk-test").Name}/{Subject.Model}") { Endpoint = Subject.Endpoint };

    private async Task<EntryOutcome> AskAsync(string prompt, bool hasSchema, int? limit = 4_000, int turns = 0)
    {
        var (batch, entries) = await engine.RunAsync(Description with { MaxTurns = turns }, Entry("a", prompt, hasSchema, limit));
        Assert.Equal(BatchStatus.Completed, batch.Status);
        return Assert.Single(entries);
    }

    private static NewEntry Entry(string id, string prompt, bool hasSchema, int? limit) => NewEntry.FromPrompt(
        id, prompt, new ChatOptions { MaxOutputTokens = limit, ResponseFormat = hasSchema ? ChatResponseFormat.ForJsonSchema(Schema, "answer") : null });

    private static IEnumerable<string?> Roles(string body) =>
        JsonDocument.Parse(body).RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString());
}
