using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Running;

/// <summary>Where the ids of rows come from.</summary>
public sealed class IdTests : CliFixture
{
    private const string Numbered = "No column 'id': rows are numbered by their line (--id COLUMN names another).";

    [Theory]
    [InlineData("ID,text\na,one\nb,two\n")]
    [InlineData("text,Custom_Id\none,a\ntwo,b\n")]
    [InlineData("sku,text\na,one\nb,two\n", "--id", "sku")]
    [InlineData("id,sku,text\n1,a,one\n2,b,two\n", "--id", "sku")]
    public async Task Ids_come_from_their_column(string rows, params string[] options)
    {
        Write("rows.csv", rows);

        var run = (await RunRowsAsync(options)).Exits(0);

        Assert.Equal(["a", "b"], Results("rows.results.jsonl").Select(line => line.GetProperty("id").GetString()));
        Assert.DoesNotContain(Numbered, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_are_numbered_are_said_once_before_anything_is_paid()
    {
        Write("rows.csv", "sku,text\nx,one\ny,two\n");

        (await OffpeakAsync("estimate", "rows.csv", "--model", Model, "--prompt", "{{text}}")).Exits(0).Mentions(Numbered);
        var run = (await RunRowsAsync()).Exits(0);

        Assert.Single(run.Error.Split('\n'), line => line == Numbered);
        Assert.Equal(["2", "3"], Results("rows.results.jsonl").Select(line => line.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Ids_of_another_column_are_another_batch_and_the_same_command_is_the_same()
    {
        Write("rows.csv", "sku,text\nx,one\ny,two\n");
        (await RunRowsAsync()).Exits(0);

        (await RunRowsAsync("--id", "sku")).Exits(0);
        (await RunRowsAsync("--id", "sku")).Exits(0).Mentions("Going on with batch 2");
        (await RunRowsAsync()).Exits(0).Mentions("Going on with batch 1");

        Assert.Equal(2, Emulator.CreateCalls);
    }

    [Fact]
    public async Task An_id_column_that_is_not_there_is_answered_with_the_one_that_was_meant()
    {
        Write("rows.csv", "sku,text\nx,one\n");

        (await RunRowsAsync("--id", "skuu")).Exits(2).Mentions("The option --id asks for \"skuu\", but rows.csv has no such column. Did you mean \"sku\"?");
    }

    private Task<CliResult> RunRowsAsync(params string[] options) =>
        OffpeakAsync(["run", "rows.csv", "--model", Model, "--poll", "50ms,100ms", "--prompt", "{{text}}", .. options]);
}
