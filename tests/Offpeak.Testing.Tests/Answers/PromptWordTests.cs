using System.Text;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Answers;

/// <summary>What the words in a prompt make of an answer, in the form of each provider, and what it costs.</summary>
public sealed class PromptWordTests
{
    [Fact]
    public async Task Chat_completions_play_every_word()
    {
        await using var bench = await Bench.StartAsync();
        var refused = await ChatAsync(bench, PromptWords.Refuse);
        Assert.Equal((null, "I'm sorry, but I can't help with that.", "stop"), (Text(refused), (string?)Choice(refused)["message"]!["refusal"], Finish(refused)));
        Assert.True((int)refused["usage"]!["completion_tokens"]! > 5);
        Assert.Equal((null, "content_filter"), (Text(await ChatAsync(bench, PromptWords.Block)), Finish(await ChatAsync(bench, PromptWords.BlockPrompt))));
        Assert.Equal((null, "stop"), (Text(await ChatAsync(bench, PromptWords.Empty)), Finish(await ChatAsync(bench, PromptWords.Empty))));
        Assert.StartsWith("```json\n", Text(await ChatAsync(bench, PromptWords.Fence)), StringComparison.Ordinal);
        Assert.Equal(2, Choice(await ChatAsync(bench, PromptWords.Parts))["message"]!["content"]!.AsArray().Count);
        Assert.Equal("[[1]] or {\"a\":1}", Text(await ChatAsync(bench, PromptWords.Say("[[1]] or {\\\"a\\\":1}"))));
        Assert.Equal("stop", Finish(await ChatAsync(bench, PromptWords.Pause(3))));
        Assert.Equal("stop", Finish(await ChatAsync(bench, "[[nothing]] of ours")));
    }

    [Fact]
    public async Task Thoughts_and_length_meet_the_limit_or_the_models_own()
    {
        await using var bench = await Bench.StartAsync();
        var starved = await ChatAsync(bench, PromptWords.Think(150), ",\"max_completion_tokens\":100");
        Assert.Equal((null, "length", 100, 100), (Text(starved), Finish(starved), Output(starved), Reasoning(starved)));
        var fed = await ChatAsync(bench, PromptWords.Think(150), ",\"max_tokens\":200");
        Assert.Equal(("stop", 150), (Finish(fed), Reasoning(fed)));
        Assert.True(Output(fed) > 150);
        Assert.Equal("length", Finish(await ChatAsync(bench, PromptWords.Think(1_000_000))));

        var cut = await ChatAsync(bench, PromptWords.Tokens(150), ",\"max_tokens\":100");
        var whole = await ChatAsync(bench, PromptWords.Tokens(150), ",\"max_tokens\":150");
        Assert.Equal(("length", 100, "stop", 150), (Finish(cut), Output(cut), Finish(whole), Output(whole)));
        Assert.StartsWith(Text(cut)!, Text(whole), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_answers_are_given_as_were_asked_for_and_each_is_paid()
    {
        await using var bench = await Bench.StartAsync();
        var (one, three) = (await ChatAsync(bench, "Name a colour"), await ChatAsync(bench, "Name a colour", ",\"n\":3"));
        var texts = three["choices"]!.AsArray().Select(choice => (string?)choice!["message"]!["content"]).ToList();
        Assert.Equal((3, 3, Text(one)), (texts.Count, texts.Distinct().Count(), texts[0]));
        Assert.Equal([0, 1, 2], three["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.True(Output(three) > 2 * Output(one));
    }

    [Fact]
    public async Task Responses_play_every_word()
    {
        await using var bench = await Bench.StartAsync();
        var refused = (await RespondAsync(bench, PromptWords.Refuse))["output"]![0]!["content"]![0]!;
        Assert.Equal(("refusal", "I'm sorry, but I can't help with that."), ((string?)refused["type"], (string?)refused["refusal"]));
        var blocked = await RespondAsync(bench, PromptWords.Block);
        Assert.Equal(("incomplete", "content_filter", 0), ((string?)blocked["status"], (string?)blocked["incomplete_details"]!["reason"], blocked["output"]!.AsArray().Count));
        Assert.Empty((await RespondAsync(bench, PromptWords.Empty))["output"]!.AsArray());
        var starved = await RespondAsync(bench, PromptWords.Think(150), ",\"max_output_tokens\":100");
        Assert.Equal(("max_output_tokens", "reasoning"), ((string?)starved["incomplete_details"]!["reason"], (string?)starved["output"]!.AsArray().Single()!["type"]));
        Assert.Equal(100, (int)starved["usage"]!["output_tokens_details"]!["reasoning_tokens"]!);
        Assert.Equal(2, (await RespondAsync(bench, PromptWords.Parts))["output"]!.AsArray().Count);
    }

    [Fact]
    public async Task Anthropics_messages_play_every_word()
    {
        await using var bench = await Bench.StartAsync();
        bench.Http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        bench.Http.DefaultRequestHeaders.Add("x-api-key", "sk-ant-test");
        foreach (var word in (string[])[PromptWords.Refuse, PromptWords.Block])
        {
            var refused = await MessageAsync(bench, User(word));
            Assert.Equal(("refusal", 0), ((string?)refused["stop_reason"], refused["content"]!.AsArray().Count));
            Assert.Equal("I'm sorry, but I can't help with that.", (string?)refused["stop_details"]!["explanation"]);
        }

        Assert.Empty((await MessageAsync(bench, User(PromptWords.Empty)))["content"]!.AsArray());
        var starved = await MessageAsync(bench, User(PromptWords.Think(150)));
        Assert.Equal(("max_tokens", "thinking", 100), ((string?)starved["stop_reason"], (string?)starved["content"]!.AsArray().Single()!["type"], (int)starved["usage"]!["output_tokens"]!));
        Assert.Equal(2, (await MessageAsync(bench, User(PromptWords.Parts)))["content"]!.AsArray().Count);

        var paused = await MessageAsync(bench, User(PromptWords.Pause(1)));
        Assert.Equal(("pause_turn", "server_tool_use"), ((string?)paused["stop_reason"], (string?)paused["content"]![1]!["type"]));
        var done = await MessageAsync(bench, $$"""{{User(PromptWords.Pause(1))}},{"role":"assistant","content":{{paused["content"]!.ToJsonString()}}}""");
        Assert.Equal("end_turn", (string?)done["stop_reason"]);
    }

    [Fact]
    public async Task Gemini_plays_every_word()
    {
        await using var bench = await Bench.StartAsync();
        bench.Http.DefaultRequestHeaders.Authorization = null;
        bench.Http.DefaultRequestHeaders.Add("x-goog-api-key", "AIzaTest");
        foreach (var (word, reason) in ((string, string)[])[(PromptWords.Block, "SAFETY"), (PromptWords.BlockedBy("RECITATION"), "RECITATION"), (PromptWords.Refuse, "PROHIBITED_CONTENT")])
        {
            var candidate = (await GenerateAsync(bench, word))["candidates"]![0]!;
            Assert.Equal((reason, null), ((string?)candidate["finishReason"], candidate["content"]));
        }

        var prompt = await GenerateAsync(bench, PromptWords.BlockPrompt);
        Assert.Equal(("PROHIBITED_CONTENT", null), ((string?)prompt["promptFeedback"]!["blockReason"], prompt["candidates"]));
        Assert.Equal("""{"role":"model"}""", (await GenerateAsync(bench, PromptWords.Empty))["candidates"]![0]!["content"]!.ToJsonString());
        var starved = await GenerateAsync(bench, PromptWords.Think(150), "\"maxOutputTokens\":100");
        Assert.Equal(("MAX_TOKENS", 0, 100), ((string?)starved["candidates"]![0]!["finishReason"], (int)starved["usageMetadata"]!["candidatesTokenCount"]!, (int)starved["usageMetadata"]!["thoughtsTokenCount"]!));
        Assert.Equal(2, (await GenerateAsync(bench, PromptWords.Parts))["candidates"]![0]!["content"]!["parts"]!.AsArray().Count);
        Assert.Equal(3, (await GenerateAsync(bench, "Name a colour", "\"candidateCount\":3"))["candidates"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_tests_own_choice_of_an_answer_comes_first()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Answers = _ => EmulatedAnswer.Say("chosen");
        Assert.Equal(("chosen", "stop"), (Text(await ChatAsync(bench, PromptWords.Refuse)), Finish(await ChatAsync(bench, PromptWords.Block))));
    }

    private static string User(string prompt) => $$"""{"role":"user","content":"{{prompt}}"}""";

    private static Task<JsonNode> ChatAsync(Bench bench, string prompt, string more = "") =>
        PostAsync(bench, "v1/chat/completions", $$"""{"model":"gpt-5-nano","messages":[{{User(prompt)}}]{{more}}}""");

    private static Task<JsonNode> RespondAsync(Bench bench, string prompt, string more = "") =>
        PostAsync(bench, "v1/responses", $$"""{"model":"gpt-5-nano","input":"{{prompt}}"{{more}}}""");

    private static Task<JsonNode> MessageAsync(Bench bench, string messages) =>
        PostAsync(bench, "v1/messages", $$"""{"model":"claude-haiku-4-5","max_tokens":100,"messages":[{{messages}}]}""");

    private static Task<JsonNode> GenerateAsync(Bench bench, string prompt, string config = "") => PostAsync(
        bench, "v1beta/models/gemini-2.5-flash:generateContent",
        $$$"""{"contents":[{"parts":[{"text":"{{{prompt}}}"}]}],"generationConfig":{ {{{config}}} } }""");

    private static async Task<JsonNode> PostAsync(Bench bench, string path, string body)
    {
        using var response = await bench.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await Bench.ReadAsync(response);
    }

    private static JsonNode Choice(JsonNode answer) => answer["choices"]![0]!;

    private static string? Text(JsonNode answer) => (string?)Choice(answer)["message"]!["content"];

    private static string? Finish(JsonNode answer) => (string?)Choice(answer)["finish_reason"];

    private static int Output(JsonNode answer) => (int)answer["usage"]!["completion_tokens"]!;

    private static int Reasoning(JsonNode answer) => (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!;
}
