using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Commands;

public sealed class UsageTests : CliFixture
{
    [Theory]
    [InlineData("frob", "There is no command 'frob'. See 'offpeak --help'.")]
    [InlineData("run in.jsonl --model openai/m --bogus", "'offpeak run' does not understand '--bogus'. See 'offpeak run --help'.")]
    [InlineData("rum in.jsonl", "There is no command 'rum'. Did you mean run? See 'offpeak --help'.")]
    [InlineData("run in.jsonl --model openai/m --promt x", "'offpeak run' does not understand '--promt'. Did you mean --prompt? See 'offpeak run --help'.")]
    [InlineData("run rows.csv --model openai/m --prompt {{texts}}", "The prompt asks for {{texts}}, but rows.csv has no such column. Did you mean {{text}}? Its columns are: id, text.")]
    [InlineData("run rows.xlsx --model openai/m --prompt {{text}}", "rows.xlsx is a spreadsheet or an archive, not text. Save it as CSV in UTF-8.")]
    [InlineData("run rows.csv.gz --model openai/m --prompt {{text}}", "rows.csv.gz is packed by gzip. Unpack it first, or send it through: gunzip -c FILE | offpeak run - …")]
    [InlineData("list --db none.db", "There is no database none.db; name one with --db, or start a batch with 'offpeak run'.")]
    [InlineData("run in.jsonl", "Option '--model' is required. See 'offpeak run --help'.")]
    [InlineData("run in.jsonl --model openai/m --poll 5x", "'5x' is no poll schedule; write delays such as 500ms, 1s or 2m, separated by commas, none longer than 30 days. See 'offpeak run --help'.")]
    [InlineData("run in.jsonl --model openai/m --max-cost -1", "A budget is a number of US dollars over 0; --max-cost says '-1'. See 'offpeak run --help'.")]
    [InlineData("run in.jsonl --model openai/m --max-cost much", "A budget is a number of US dollars over 0; --max-cost says 'much'. See 'offpeak run --help'.")]
    [InlineData("run in.jsonl --model openai/m --endpoint x", "Choose responses, chat or embeddings; --endpoint says 'x'. See 'offpeak run --help'.")]
    [InlineData("results 1 --format xml", "Choose jsonl, csv or raw; --format says 'xml'. See 'offpeak results --help'.")]
    [InlineData("show first", "'first' is no batch; give its number, as 'offpeak list' shows it. See 'offpeak show --help'.")]
    [InlineData("list --limit 0", "A limit is a number from 1 to 10,000; --limit says '0'. See 'offpeak list --help'.")]
    [InlineData("emulator --port 70000", "A port is a number from 0 to 65535; --port says '70000'. See 'offpeak emulator --help'.")]
    [InlineData("run in.jsonl --model gpt", "'gpt' is no model; write provider/model, for example openai/gpt-5-nano.")]
    [InlineData("run in.jsonl --model nobody/gpt", "There is no provider 'nobody'; registered are: anthropic, azure, gemini, groq, local, mistral, openai, openrouter, together, xai.")]
    [InlineData("run missing.jsonl --model openai/m", "There is no file missing.jsonl. Check the path.")]
    [InlineData("run . --model openai/m", ". is a directory. Name a file.")]
    [InlineData("run empty.jsonl --model openai/m", "empty.jsonl holds no entries. Nothing was sent.")]
    [InlineData("run in.jsonl --model openai/m --schema no.json", "There is no schema file no.json. Check the path.")]
    [InlineData("run in.jsonl --model openai/m --schema bad.json", "The schema bad.json is not valid JSON (line 1, byte 2).")]
    [InlineData("run in.jsonl --model openai/m --output no/out.jsonl", "There is no folder no to write the results to. Make it, or name another file with --output.")]
    [InlineData("run in.jsonl --model openai/m --output .", "The output . is a directory. Name a file with --output.")]
    [InlineData("run in.jsonl --model openai/m --db postgres://u:canary/@host/db", "The address of the PostgreSQL database cannot be read: a '/', '?' or '%' in a password is written %2F, %3F, %25.")]
    [InlineData("run lines.jsonl --model openai/other", "The lines of lines.jsonl name the model 'm', but --model says 'openai/other'. Make them agree.")]
    [InlineData("run lines.jsonl --model openai/m --endpoint chat", "The lines of lines.jsonl are for /v1/responses, but --endpoint says chat. Leave --endpoint out.")]
    [InlineData("run rows.csv --model openai/m --prompt {{nope}}", "The prompt asks for {{nope}}, but rows.csv has no such column. Its columns are: id, text.")]
    [InlineData("show 7", "There is no batch 7. 'offpeak list' shows the batches there are.")]
    [InlineData("show 1 --db none.db", "There is no database none.db; name one with --db, or start a batch with 'offpeak run'.")]
    [InlineData("resolve 1", "Give either --adopt with the provider batch's id, or --discard. See 'offpeak resolve --help'.")]
    [InlineData("resolve 1 --adopt batch_x --discard", "Give either --adopt with the provider batch's id, or --discard. See 'offpeak resolve --help'.")]
    [InlineData("resolve first --discard", "'first' is no shard; give its number, as 'offpeak show' names it. See 'offpeak resolve --help'.")]
    [InlineData("emulator --faults none.json", "There is no file none.json. Check the path.")]
    public async Task A_mistake_is_answered_with_one_sentence(string commandLine, string sentence)
    {
        WritePrompts();
        Write("empty.jsonl", "");
        Write("bad.json", "{,");
        File.WriteAllBytes(PathOf("rows.xlsx"), [(byte)'P', (byte)'K', 3, 4, 20, 0]);
        File.WriteAllBytes(PathOf("rows.csv.gz"), [0x1F, 0x8B, 8, 0]);
        Write("rows.csv", "id,text\n1,x\n");
        Write("lines.jsonl", """{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"m","input":"x"}}""");
        if (commandLine == "show 7")
            (await OffpeakAsync("run", "in.jsonl", "--model", "openai/unpriced", "--max-cost", "1")).Exits(2);

        (await OffpeakAsync(commandLine.Split(' '))).Exits(2).Says(sentence);

        Assert.Empty(Emulator.Requests);
        Assert.False(File.Exists(PathOf("none.db")));
    }

    [Fact]
    public async Task All_bad_lines_are_counted_and_the_first_twenty_shown()
    {
        Write("in.jsonl", string.Concat(Enumerable.Range(1, 30).Select(n => $"{{\"id\":\"same\",\"prompt\":\"canary {n}\"}}\n")));

        var result = (await OffpeakAsync(Run())).Exits(2).Mentions("in.jsonl has 29 bad lines. Nothing was sent.").Mentions("and 9 more");

        Assert.Equal(20, result.Error.Split('\n').Count(line => line.StartsWith("  line ", StringComparison.Ordinal)));
        Assert.DoesNotContain("canary", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_models_in_one_file_are_refused()
    {
        Write("in.jsonl", string.Concat(new[] { "m", "n" }.Select(model =>
            $$$$"""{"custom_id":"{{{{model}}}}","method":"POST","url":"/v1/responses","body":{"model":"{{{{model}}}}","input":"x"}}{{{{"\n"}}}}""")));

        (await OffpeakAsync("run", "in.jsonl", "--model", "openai/m")).Exits(2).Mentions("""asks for the model "n", but line 1 asks for the model "m".""");
    }

    [Fact]
    public async Task Help_describes_and_gives_examples()
    {
        var bare = (await OffpeakAsync()).Exits(2);
        Assert.Contains("offpeak demo", bare.Out, StringComparison.Ordinal);
        var run = (await OffpeakAsync("run", "--help")).Exits(0);
        Assert.Contains("--prompt \"Is this review positive? {{text}}\"", run.Out, StringComparison.Ordinal);
        Assert.Contains("{\"custom_id\":\"a\",\"method\":\"POST\"", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Drops its rights with setpriv.");
        WritePrompts();
        await ShellAsync("chmod 777 . && chmod 000 in.jsonl");
        // Root may read everything; nobody may not.
        var drop = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";

        (await ShellAsync($"HOME=$PWD DOTNET_CLI_HOME=$PWD {drop} dotnet '{CliProcess.Program}' run in.jsonl --model {Model}")).Exits(2)
            .Says("in.jsonl may not be read. Check its permissions.");
    }
}
