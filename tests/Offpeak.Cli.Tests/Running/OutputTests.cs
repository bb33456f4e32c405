using Offpeak.Cli.Tests.Support;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Running;

/// <summary>A results file takes the place of nothing that anybody would miss.</summary>
public sealed class OutputTests : CliFixture
{
    [Fact]
    public async Task Results_are_their_owners_alone_as_the_database_is()
    {
        if (OperatingSystem.IsWindows())
            return;

        WritePrompts();
        (await OffpeakAsync(Run())).Exits(0);
        (await OffpeakAsync("results", "1", "--output", "again.csv")).Exits(0);

        foreach (var file in (string[])["offpeak.db", "in.results.jsonl", "again.csv"])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf(file)));
    }

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

    [Fact]
    public async Task Another_batch_takes_another_name_and_the_same_command_its_own_again()
    {
        WritePrompts();
        (await OffpeakAsync(Run())).Exits(0);
        var first = File.ReadAllText(PathOf("in.results.jsonl"));
        Emulator.Answers = _ => EmulatedAnswer.Say("other");

        for (var time = 1; time <= 2; time++)
            (await OffpeakAsync(Run("--system", "Be brief."))).Exits(0).Mentions("Results: in.results-2.jsonl (not in.results.jsonl, which holds others)");
        (await OffpeakAsync(Run())).Exits(0).Mentions("Results: in.results.jsonl\n");

        Assert.Equal(first, File.ReadAllText(PathOf("in.results.jsonl")));
        Assert.All(Results("in.results-2.jsonl"), line => Assert.Equal("other", line.GetProperty("text").GetString()));
        Assert.Equal(2, Emulator.CreateCalls);
    }

    [Fact]
    public async Task A_named_file_of_others_is_overwritten_by_force_only()
    {
        WritePrompts();
        Write("notes.txt", "mine\n");
        const string Refusal = "notes.txt exists and holds something else than older results of this input. Name another file with --output, or overwrite it with --force.";

        (await OffpeakAsync(Run("--output", "notes.txt"))).Exits(2).Says(Refusal);
        Assert.Equal(("mine\n", 0), (File.ReadAllText(PathOf("notes.txt")), Emulator.Requests.Count));
        (await OffpeakAsync(Run("--output", "notes.txt", "--force"))).Exits(0);
        (await OffpeakAsync(Run("--output", "notes.txt"))).Exits(0);
        (await OffpeakAsync("results", "1", "--output", "notes.txt")).Exits(0);

        (await OffpeakAsync("results", "1", "--output", "notes.txt", "--format", "csv")).Exits(2).Says("notes.txt exists. Name another file with --output, or overwrite it with --force.");
        (await OffpeakAsync("results", "1", "--output", "notes.txt", "--format", "csv", "--force")).Exits(0);
    }

    [Fact]
    public async Task What_was_not_answered_then_may_be_overwritten_by_what_is_now()
    {
        WritePrompts();
        Emulator.Answers = request => request.Prompt == "Say 2." ? EmulatedAnswer.Fail(400, "Not that.") : null;
        (await OffpeakAsync(Run("--output", "out.jsonl"))).Exits(3);
        Emulator.Answers = _ => null;
        (await OffpeakAsync("retry", "1")).Exits(0);

        (await OffpeakAsync(Run("--output", "out.jsonl"))).Exits(0);

        Assert.All(Results("out.jsonl"), line => Assert.Equal("succeeded", line.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_said_before_anything_is_sent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Drops its rights with setpriv.");
        WritePrompts();
        await ShellAsync("mkdir closed open && chmod 555 closed && chmod 777 open . && chmod 644 in.jsonl");
        var drop = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";

        (await ShellAsync($"HOME=/tmp {drop} dotnet '{CliProcess.Program}' {string.Join(' ', Run("--output", "closed/out.jsonl", "--db", "open/x.db"))}")).Exits(2)
            .Mentions("The results cannot be written to closed/out.jsonl: ").Mentions("Nothing was sent; name another file with --output.");

        Assert.Empty(Emulator.Requests);
    }
}
