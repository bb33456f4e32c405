using Offpeak.Cli.Tests.Support;

namespace Offpeak.Cli.Tests.Running;

/// <summary>A results file takes the place of nothing that anybody would miss.</summary>
public sealed class OutputTests : CliFixture
{
    [Theory]
    [InlineData("in.jsonl", "in.jsonl")]
    [InlineData("./sub/../in.jsonl", "in.jsonl")]
    [InlineData("IN.jsonl", "in.jsonl")]
    [InlineData("link.jsonl", "in.jsonl")]
    [InlineData("folder/in.jsonl", "in.jsonl")]
    [InlineData("schema.json", "schema.json")]
    [InlineData("offpeak.db", "offpeak.db")]
    [InlineData("offpeak.db-wal", "offpeak.db-wal")]
    public async Task An_output_that_the_command_works_with_is_refused_before_anything_is_sent(string output, string lost)
    {
        WritePrompts();
        Write("schema.json", """{"type":"object"}""");
        Directory.CreateDirectory(PathOf("sub"));
        File.CreateSymbolicLink(PathOf("link.jsonl"), "sub/../in.jsonl");
        Directory.CreateSymbolicLink(PathOf("folder"), ".");
        var before = File.ReadAllText(PathOf("in.jsonl"));

        (await OffpeakAsync(Run("--schema", "schema.json", "--output", output))).Exits(2)
            .Says($"The output {output} would overwrite {lost}, which this command works with. Name another file with --output.");

        Assert.Equal(before, File.ReadAllText(PathOf("in.jsonl")));
        Assert.Empty(Emulator.Requests);
    }

    [Fact]
    public async Task Results_never_overwrite_the_database_or_a_device()
    {
        WritePrompts();
        (await OffpeakAsync(Run())).Exits(0);

        (await OffpeakAsync("results", "1", "--output", "./offpeak.db")).Exits(2).Mentions("would overwrite offpeak.db");
        (await OffpeakAsync("results", "1", "--output", "/dev/null")).Exits(2)
            .Says("The output /dev/null is a device. Name a file with --output, or - for standard output.");

        (await OffpeakAsync("show", "1")).Exits(0);
    }
}
