using System.Text.Json;
using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

/// <summary>What becomes of answers that are none, of several, and of JSON in wrappings: in the results, the last line and the exit code.</summary>
public sealed class AnswerTests : CliFixture
{
    private const string Schema = """{"type":"object","properties":{"label":{"type":"string"}},"required":["label"],"additionalProperties":false}""";

    [Fact]
    public async Task Answers_that_are_none_fail_and_say_why()
    {
        WriteRows(PromptWords.Refuse, PromptWords.Block, PromptWords.Empty, PromptWords.Think(1_000_000), "hello");

        (await OffpeakAsync(Run())).Exits(3).Mentions("1 of 5 entries succeeded, 4 failed;");

        var results = Results();
        Assert.Equal(["refused", "content_filter", "empty_answer", "output_limit"], results.SkipLast(1).Select(CodeOf));
        Assert.Equal(["refusal", "content_filter", "stop", "length", "stop"], results.Select(result => result.GetProperty("finish_reason").GetString()));
        Assert.Equal("I'm sorry, but I can't help with that.", results[0].GetProperty("error").GetProperty("message").GetString());
        Assert.All(results, result => Assert.True(result.GetProperty("cost_usd").GetDecimal() > 0));
        Assert.All(results.SkipLast(1), result => Assert.Equal(JsonValueKind.Null, result.GetProperty("output").ValueKind));
    }

    [Fact]
    public async Task Answers_that_were_cut_off_are_said_in_the_last_line_in_show_and_in_the_json()
    {
        WriteRows(PromptWords.Tokens(1_000_000), PromptWords.Tokens(1_000_000), "hello");

        var run = (await OffpeakAsync(Run("--json"))).Exits(0).Mentions("3 of 3 entries succeeded (2 cut off at the limit on output tokens);");

        Assert.Equal(2, run.Json.GetProperty("cut_off").GetInt32());
        Assert.Equal(2, (await OffpeakAsync("show", "1", "--json")).Exits(0).Json.GetProperty("cut_off").GetInt32());
        Assert.Matches("(?m)^Cut off +2 of the answers end at the limit on output tokens$", (await OffpeakAsync("show", "1")).Exits(0).Out);
    }

    [Fact]
    public async Task Json_in_a_fence_or_in_one_of_several_texts_is_the_output_and_the_text_stays()
    {
        Write("schema.json", Schema);
        WriteRows(PromptWords.Fence, PromptWords.Parts);

        (await OffpeakAsync(Run("--schema", "schema.json"))).Exits(0);

        var results = Results();
        Assert.All(results, result => Assert.Equal(JsonValueKind.String, result.GetProperty("output").GetProperty("label").ValueKind));
        Assert.StartsWith("```json\n{", results[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("Here is what I found.\n{", results[1].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Single(Emulator.Batches);
    }

    [Fact]
    public async Task Several_answers_to_one_request_are_all_in_the_output_and_the_first_is_the_text()
    {
        Write("in.jsonl", """{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","n":3,"logprobs":true,"messages":[{"role":"user","content":"name a colour"}]}}""" + "\n");

        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/gpt-4o-mini", "--poll", "50ms,100ms")).Exits(0);

        var result = Assert.Single(Results());
        var output = result.GetProperty("output").EnumerateArray().Select(choice => choice.GetString()).ToList();
        Assert.Equal((3, 3), (output.Count, output.Distinct().Count()));
        Assert.Equal(result.GetProperty("text").GetString(), output[0]);
        var csv = (await OffpeakAsync("results", "1", "--format", "csv")).Exits(0).Out;
        Assert.Contains($"a,succeeded,{output[0]},\"[\"\"{output[0]}\"\",\"\"{output[1]}\"\"", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_answers_that_are_json_are_values_in_the_output()
    {
        Write("in.jsonl", """{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-5-nano","n":2,"messages":[{"role":"user","content":"[[say:{\"a\":1}]]"}]}}""" + "\n");

        (await OffpeakAsync(Run())).Exits(0);

        Assert.Equal("""[{"a":1},{"a":1}]""", Assert.Single(Results()).GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task Several_texts_to_embed_give_a_list_of_vectors_in_order_and_one_gives_its_vector()
    {
        Write(
            "in.jsonl",
            """{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"text-embedding-3-small","dimensions":4,"input":["first text","second text","third text"]}}""" + "\n"
            + """{"custom_id":"b","method":"POST","url":"/v1/embeddings","body":{"model":"text-embedding-3-small","dimensions":4,"encoding_format":"base64","input":"third text"}}""" + "\n");

        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/text-embedding-3-small", "--poll", "50ms,100ms")).Exits(0);

        var vectors = Results()[0].GetProperty("output").EnumerateArray().Select(vector => vector.GetRawText()).ToList();
        Assert.Equal((3, 3), (vectors.Count, vectors.Distinct().Count()));
        Assert.Equal(vectors[2], Results()[1].GetProperty("output").GetRawText());
        Assert.Equal(4, Results()[1].GetProperty("output").GetArrayLength());
        var rows = (await OffpeakAsync("results", "1", "--format", "csv")).Exits(0).OutLines;
        Assert.StartsWith("id,status,text,output,error_code,", rows[0], StringComparison.Ordinal);
        Assert.StartsWith($"a,succeeded,,\"[{vectors[0]},{vectors[1]},", rows[1], StringComparison.Ordinal);
        Assert.StartsWith($"b,succeeded,,\"{vectors[2]}\",", rows[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_question_to_responses_are_answered()
    {
        Write("in.jsonl", """{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"gpt-5-nano","input":[{"role":"user","content":[{"type":"input_text","text":"Hello"}]}]}}""" + "\n");

        (await OffpeakAsync(Run())).Exits(0);

        Assert.False(string.IsNullOrEmpty(Assert.Single(Results()).GetProperty("text").GetString()));
    }

    private static string? CodeOf(JsonElement result) => result.GetProperty("error").GetProperty("code").GetString();

    private void WriteRows(params string[] prompts) => Write(
        "in.jsonl", string.Concat(prompts.Select((prompt, i) => $"{{\"id\":\"e{i}\",\"prompt\":\"{prompt}\"}}\n")));
}
