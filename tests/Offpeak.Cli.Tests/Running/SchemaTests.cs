using System.Text;
using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

/// <summary>Schema files as people have them, and what is said when answers do not follow them.</summary>
public sealed partial class SchemaTests : CliFixture
{
    private const string Plain = """{"type":"object","properties":{"size":{"type":"integer"}},"required":["size"],"additionalProperties":false}""";

    [Theory]
    [InlineData($$"""{"name":"s","strict":true,"schema":{{Plain}}}""")]
    [InlineData($$"""{"type":"json_schema","name":"s","schema":{{Plain}}}""")]
    [InlineData($$$"""{"type":"json_schema","json_schema":{"name":"s","schema":{{{Plain}}}}}""")]
    [InlineData($$$"""{"format":{"type":"json_schema","name":"s","schema":{{{Plain}}}}}""")]
    [InlineData($$$$"""{"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{{{{Plain}}}}}}}""")]
    public async Task The_wrapping_of_OpenAIs_APIs_is_taken_off(string schema)
    {
        WritePrompts(2);
        Write("schema.json", schema);
        var bodies = new System.Collections.Concurrent.ConcurrentBag<string>();
        Emulator.Answers = request =>
        {
            bodies.Add(request.Body.GetRawText());
            return EmulatedAnswer.Say("""{"size":7}""");
        };

        (await OffpeakAsync(Run("--schema", "schema.json"))).Exits(0);

        Assert.All(bodies, body => Assert.Equal(["{\"type\":\"object\""], SchemaStart().Matches(body).Select(start => start.Groups[1].Value)));
    }

    [Fact]
    public async Task A_property_named_like_a_wrapping_is_left_where_it_is()
    {
        WritePrompts(1);
        Write("schema.json", """{"type":"object","name":"mine","properties":{"schema":{"type":"object","properties":{},"additionalProperties":false}},"required":["schema"],"additionalProperties":false}""");
        Emulator.Answers = _ => EmulatedAnswer.Say("""{"schema":{}}""");

        (await OffpeakAsync(Run("--schema", "schema.json"))).Exits(0);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task A_mark_at_the_start_of_a_file_is_no_text(string encoding)
    {
        WritePrompts(1);
        File.WriteAllText(PathOf("schema.json"), Plain, Encoding.GetEncoding(encoding));
        File.WriteAllText(PathOf("config.json"), """{"Offpeak":{"MaxRounds":2}}""", Encoding.GetEncoding(encoding));
        File.WriteAllText(PathOf("system.txt"), "Be brief.\n", Encoding.GetEncoding(encoding));
        Emulator.Answers = request => EmulatedAnswer.Say(request.Body.GetRawText().Contains("\"Be brief.\"", StringComparison.Ordinal) ? """{"size":7}""" : "no");

        (await OffpeakAsync(Run("--schema", "schema.json", "--config", "config.json", "--system", "@system.txt"))).Exits(0);
    }

    [Fact]
    public async Task Failures_end_with_the_commonest_error_and_no_retry_that_cannot_help()
    {
        WritePrompts(3);
        Write("schema.json", Plain);
        Settings["Offpeak__MaxAnswerRetries"] = "0";
        Emulator.Answers = request => EmulatedAnswer.Say(request.Prompt.Contains('1', StringComparison.Ordinal) ? """{"size":7}""" : "no number");

        var run = (await OffpeakAsync(Run("--schema", "schema.json"))).Exits(3).Mentions("The commonest error is invalid_answer (2); 'offpeak show 1' says more.");
        var show = (await OffpeakAsync("show", "1")).Exits(0);

        Assert.DoesNotContain("retry", run.Error, StringComparison.Ordinal);
        Assert.Contains("Error      2 × invalid_answer: ", show.Out, StringComparison.Ordinal);
    }

    [System.Text.RegularExpressions.GeneratedRegex("""
        "schema":\s*(\{"[^"]*":\s*"?[^",{]*"?)
        """)]
    private static partial System.Text.RegularExpressions.Regex SchemaStart();

    [Fact]
    public async Task Failures_of_another_kind_can_be_asked_again()
    {
        WritePrompts(3);
        Emulator.Answers = request => request.Prompt.Contains('1', StringComparison.Ordinal) ? EmulatedAnswer.Fail(400, "No.", "bad_value") : null;

        (await OffpeakAsync(Run())).Exits(3).Mentions("The commonest error is bad_value (1);").Mentions("'offpeak retry 1', then the same command, asks again.");
    }
}
