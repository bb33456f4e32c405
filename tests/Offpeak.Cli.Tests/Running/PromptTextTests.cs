using System.Collections.Concurrent;
using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Running;

/// <summary>Prompts and system texts: columns in them, and the files they are read from.</summary>
public sealed class PromptTextTests : CliFixture
{
    private readonly ConcurrentBag<string> bodies = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Emulator.Answers = request =>
        {
            bodies.Add(request.Body.GetRawText());
            return null;
        };
        Write("rows.csv", "id,text,language\na,one,German\nb,two,Danish\n");
    }

    [Fact]
    public async Task Columns_are_filled_into_the_system_text_too()
    {
        (await RunRowsAsync("--prompt", "Translate {{text}}", "--system", "You know {{language}}.")).Exits(0);

        Assert.Single(bodies, body => Has(body, "Translate one") && Has(body, "You know German."));
        Assert.Single(bodies, body => Has(body, "Translate two") && Has(body, "You know Danish."));
    }

    [Fact]
    public async Task Rows_with_prompts_of_their_own_fill_the_system_text()
    {
        Write("in.jsonl", """
            {"id":"a","prompt":"one","language":"German"}
            {"id":"b","prompt":"two","language":"Danish","system":"Own."}
            {"id":"c","messages":[{"role":"user","content":"three"}],"language":"Greek"}
            """);

        (await OffpeakAsync(Run("--system", "You know {{language}}."))).Exits(0);

        Assert.Single(bodies, body => Has(body, "one") && Has(body, "You know German."));
        Assert.Single(bodies, body => Has(body, "two") && Has(body, "Own.") && !Has(body, "You know"));
        Assert.Single(bodies, body => Has(body, "three") && Has(body, "You know Greek."));
    }

    [Theory]
    [InlineData("--prompt {{text}} --system {{langage}}")]
    [InlineData("--prompt {{langage}}")]
    public async Task A_column_that_is_not_there_is_answered_with_the_one_that_was_meant(string options)
    {
        var refused = (await RunRowsAsync(options.Split(' '))).Exits(2).Mentions("asks for {{langage}}, but rows.csv has no such column. Did you mean {{language}}?");

        Assert.StartsWith(options.Contains("--system", StringComparison.Ordinal) ? "offpeak: The system prompt" : "offpeak: The prompt", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Emulator.Requests);
    }

    [Fact]
    public async Task Texts_are_read_from_files_and_never_become_options()
    {
        Write("prompt.txt", "--max-cost 999\nTranslate {{text}}\n");
        Write("system.txt", "You know {{language}}.\r\n");

        (await RunRowsAsync("--prompt", "@prompt.txt", "--system", "@system.txt")).Exits(0);
        (await RunRowsAsync("--prompt", "@@you: {{text}}")).Exits(0);

        Assert.Single(bodies, body => Has(body, "\"--max-cost 999\\nTranslate one\"") && Has(body, "\"You know German.\""));
        Assert.Single(bodies, body => Has(body, "\"@you: one\""));
    }

    [Fact]
    public async Task A_text_file_that_is_not_there_is_said_with_how_to_write_an_at_sign()
    {
        (await RunRowsAsync("--prompt", "@none.txt")).Exits(2).Says(
            "There is no text file none.txt. Check the path; --prompt @FILE reads one, and a text that begins with @ is written with @@.");
        Write("p.txt", "{{text}}");
        (await RunRowsAsync("--prompt", "@p.txt", "--output", "p.txt")).Exits(2).Mentions("would overwrite p.txt");
    }

    [Fact]
    public async Task Arguments_are_not_read_from_files()
    {
        Write("more.txt", "--model openai/gpt-5-nano");

        (await OffpeakAsync("run", "rows.csv", "@more.txt", "--prompt", "{{text}}")).Exits(2).Mentions("does not understand '@more.txt'");
    }

    private Task<CliResult> RunRowsAsync(params string[] options) => OffpeakAsync(["run", "rows.csv", "--model", Model, "--poll", "50ms,100ms", .. options]);

    private static bool Has(string body, string text) => body.Contains(text, StringComparison.Ordinal);
}
