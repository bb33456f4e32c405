using Microsoft.Data.Sqlite;
using Offpeak.Cli.Tests.Support;
using Offpeak.TestKit.Postgres;

namespace Offpeak.Cli.Tests.Commands;

public sealed class DatabaseTests : CliFixture
{
    [Theory]
    [InlineData("text.db", "text.db is not a database. Name another file with --db.")]
    [InlineData("newer.db", "The database newer.db was made by a newer version of Offpeak; update Offpeak. Or name another file with --db.")]
    [InlineData("no/x.db", "The database no/x.db cannot be opened; check that the folder exists and that you may write to it.")]
    [InlineData(".", "The database . cannot be opened; check that the folder exists and that you may write to it.")]
    public async Task A_database_that_is_not_ours_is_refused(string db, string sentence)
    {
        WritePrompts();
        Write("text.db", new string('x', 5_000));
        Execute("newer.db", "PRAGMA user_version = 9999; CREATE TABLE offpeak_batches (id INTEGER)");

        (await OffpeakAsync(Run("--db", db))).Exits(2).Says(sentence);

        Assert.Empty(Emulator.Requests);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_said_and_nothing_sent()
    {
        WritePrompts();

        (await OffpeakAsync(Run("--db", "postgres://u:canary@127.0.0.1:1/db"))).Exits(1).Says("PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused.");

        Assert.Empty(Emulator.Requests);
    }

    [PostgresFact]
    public async Task A_database_that_the_server_does_not_have_is_bad_usage()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        WritePrompts();

        (await OffpeakAsync(Run("--db", database.Url.Replace(database.Name, "nothing", StringComparison.Ordinal)))).Exits(2).Mentions("create it first");

        Assert.Empty(Emulator.Requests);
    }

    [PostgresFact]
    public async Task A_batch_runs_on_PostgreSQL_and_no_message_holds_the_password()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        var url = database.Url.Replace("offpeak@", "offpeak:canary@", StringComparison.Ordinal);
        WritePrompts();

        var list = (await OffpeakAsync("list", "--db", url)).Exits(0);
        var run = (await OffpeakAsync(Run("--db", url))).Exits(0).Mentions("3 of 3 entries succeeded");
        var show = (await OffpeakAsync("show", "2", "--db", url)).Exits(2);

        Assert.Equal($"No batches in {database.Url} yet; start one with 'offpeak run'.", list.Error.Trim());
        Assert.Equal($"offpeak: There is no batch 2. 'offpeak list --db {database.Url}' shows the batches there are.", show.Error.Trim());
        Assert.DoesNotContain("canary", list.Error + run.Error + show.Error, StringComparison.Ordinal);
        Assert.Equal(3, Results().Count);
        Assert.False(File.Exists(PathOf("offpeak.db")));
    }

    [Fact]
    public async Task A_database_that_may_not_be_written_is_said_and_nothing_sent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Drops its rights with setpriv.");
        WritePrompts();
        (await OffpeakAsync(Run("--detach", "--db", "offpeak.db"))).Exits(0);
        var calls = Emulator.CreateCalls;
        await ShellAsync("chmod 444 * && chmod 555 .");
        var drop = Environment.IsPrivilegedProcess ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "";

        var result = await ShellAsync($"HOME=/tmp {drop} dotnet '{CliProcess.Program}' {string.Join(' ', Run("--system", "x"))}");

        await ShellAsync("chmod 755 .");
        result.Exits(1).Mentions("The database offpeak.db is read-only; check its permissions.");
        Assert.Equal(calls, Emulator.CreateCalls);
    }

    [Theory]
    [InlineData("--db small/x.db", "The disk is full: small/x.db cannot grow.")]
    [InlineData("--output small/x.jsonl", "The results cannot be written to small/x.jsonl")]
    public async Task A_full_disk_loses_nothing(string option, string sentence)
    {
        Directory.CreateDirectory(PathOf("small"));
        Assert.SkipUnless((await ShellAsync("mount -t tmpfs -o size=400k tmpfs small")).ExitCode == 0, "Mounting is not permitted here.");
        try
        {
            Emulator.Answers = _ => Testing.EmulatedAnswer.Say(new string('y', 3_000));
            Write("in.jsonl", string.Concat(Enumerable.Range(1, 300).Select(n => $"{{\"id\":\"e{n}\",\"prompt\":\"{new string('x', 2_000)}\"}}\n")));

            (await OffpeakAsync(Run(option.Split(' ')))).Exits(1).Mentions(sentence);
            (await ShellAsync("mount -o remount,size=40m small")).Exits(0);
            (await OffpeakAsync(Run(option.Split(' ')))).Exits(0).Mentions("300 of 300 entries succeeded");

            Assert.Equal(1, Emulator.CreateCalls);
        }
        finally
        {
            await ShellAsync("umount small");
        }
    }

    private void Execute(string db, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathOf(db)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
