using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Answers;

public sealed class AnswerHookTests
{
    [Fact]
    public async Task A_hook_chooses_by_id_and_leaves_the_rest()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Answers = request => request.CustomId switch
        {
            "r-1" => EmulatedAnswer.Say("forty-two"),
            "r-2" => EmulatedAnswer.Fail(429, "Slow down", "rate_limit_exceeded"),
            "r-3" => new EmulatedAnswer { Body = """{"odd":true}""" },
            "r-4" => new EmulatedAnswer { Text = "cut", FinishReason = "length" },
            _ => null,
        };

        var batch = await bench.FinishAsync(Bench.Lines(5));

        var output = (await bench.LinesOfAsync(batch["output_file_id"])).ToDictionary(line => (string)line["custom_id"]!, line => line["response"]!["body"]!);
        Assert.Equal("forty-two", (string?)output["r-1"]["choices"]![0]!["message"]!["content"]);
        Assert.Equal("""{"odd":true}""", output["r-3"].ToJsonString());
        Assert.Equal("length", (string?)output["r-4"]["choices"]![0]!["finish_reason"]);
        Assert.Contains("Question number 5", output["r-5"].ToJsonString(), StringComparison.Ordinal);
        var refused = Assert.Single(await bench.LinesOfAsync(batch["error_file_id"]))["response"]!;
        Assert.Equal((429, "rate_limit_exceeded"), ((int)refused["status_code"]!, (string?)refused["body"]!["error"]!["code"]));
    }

    [Fact]
    public async Task A_hook_sees_the_request()
    {
        await using var bench = await Bench.StartAsync();
        EmulatedRequest? seen = null;
        JsonNode? body = null;
        bench.Emulator.Answers = request =>
        {
            (seen, body) = (request, JsonNode.Parse(request.Body.GetRawText()));
            return null;
        };

        using var response = await bench.Http.PostAsync("v1/responses", new StringContent(
            """{"model":"gpt-5","instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text","text":"Hello"}]}]}"""));

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(("/v1/responses", null, "gpt-5", "Be brief.\nHello"), (seen!.Url, seen.CustomId, seen.Model, seen.Prompt));
        Assert.Equal("Be brief.", (string?)body!["instructions"]);
    }

    [Fact]
    public async Task A_hook_that_throws_shows_in_the_answer()
    {
        await using var bench = await Bench.StartAsync();
        bench.Emulator.Answers = _ => throw new InvalidOperationException("the test is wrong");

        using var response = await bench.Http.PostAsync("v1/responses", new StringContent("""{"model":"gpt-5","input":"x"}"""));

        Assert.Equal(500, (int)response.StatusCode);
        Assert.Contains("the test is wrong", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_body_is_a_failed_line_and_not_a_failed_batch()
    {
        await using var bench = await Bench.StartAsync();
        var batch = await bench.FinishAsync(Bench.Line("a").Replace("\"messages\"", "\"input\"", StringComparison.Ordinal));

        Assert.Equal("completed", (string?)batch["status"]);
        var line = Assert.Single(await bench.LinesOfAsync(batch["error_file_id"]));
        Assert.Equal("messages", (string?)line["response"]!["body"]!["error"]!["param"]);
    }
}
