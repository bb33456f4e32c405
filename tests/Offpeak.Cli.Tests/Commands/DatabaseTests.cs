using Microsoft.Data.Sqlite;
using Npgsql;
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

    [Theory]
    [InlineData("mysql://u:canary@host/db", "mysql")]
    [InlineData("sqlserver://host;Password=canary", "sqlserver")]
    public async Task A_server_of_another_kind_is_refused_in_one_sentence_wherever_it_is_named(string location, string scheme)
    {
        WritePrompts();
        var rest = $"A database at {scheme}:// cannot be used; {{0}} takes a SQLite file, postgres://user:password@host/database, or Host=…;Database=…;Username=…;Password=….";

        (await OffpeakAsync(Run("--db", location))).Exits(2).Says(rest.Replace("{0}", "--db", StringComparison.Ordinal));
        Settings["OFFPEAK_DB"] = location;
        (await OffpeakAsync("list")).Exits(2).Says(rest.Replace("{0}", "OFFPEAK_DB", StringComparison.Ordinal));
        (await OffpeakAsync("estimate", "in.jsonl", "--model", Model)).Exits(0);

        Assert.Equal(["in.jsonl"], Directory.GetFiles(Folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=canary;Database=d", "PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused.")]
    [InlineData("server = 127.0.0.1 ; port=1;password='can;ary'", "PostgreSQL at 127.0.0.1:1 cannot be reached: Connection refused.")]
    [InlineData("Username=u;Password=canary", "The address of the PostgreSQL database cannot be read: the connection string names no host.")]
    public async Task A_connection_string_is_a_server_and_its_password_is_nowhere(string location, string sentence)
    {
        WritePrompts();

        var option = (await OffpeakAsync(Run("--db", location))).Says(sentence);
        Settings["OFFPEAK_DB"] = location;
        var variable = (await OffpeakAsync("list")).Says(sentence);

        Assert.DoesNotContain("ary", option.Error + variable.Error, StringComparison.Ordinal);
        Assert.Equal(["in.jsonl"], Directory.GetFiles(Folder).Select(Path.GetFileName));
    }

    [PostgresFact]
    public async Task Reading_makes_no_tables_and_names_the_schema_that_has_them()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        WritePrompts();

        foreach (var command in (string[])["list", "show 1", "results 1", "cancel 1", "retry 1", "delete 1"])
            (await OffpeakAsync([.. command.Split(' '), "--db", database.Url])).Exits(2).Says($"{database.Url} has no tables of Offpeak; name another database with --db, or start a batch with 'offpeak run'.");

        Settings["OFFPEAK_DB"] = database.Url;
        (await OffpeakAsync("list")).Exits(0).Mentions($"No batches in {database.Url} yet");
        await ScalarAsync(database, "CREATE SCHEMA jobs");
        (await OffpeakAsync(Run("--db", $"{database.Url}?search_path=jobs"))).Exits(0);
        (await OffpeakAsync("list")).Exits(2).Says(
            $"{database.Url} has no tables of Offpeak where it points, but in the schema jobs: add ?search_path=jobs to the URL (;Search Path=jobs to a connection string).");
        var list = (await OffpeakAsync("list", "--db", $"{database.Url}?search_path=jobs")).Exits(0);
        (await OffpeakAsync("show", "9", "--db", $"{database.Url}?search_path=jobs")).Exits(2).Mentions($"'offpeak list --db \"{database.Url}?search_path=jobs\"' shows");

        Assert.Equal(2, list.OutLines.Length);
        Assert.Equal("jobs", await ScalarAsync(database, "SELECT string_agg(DISTINCT schemaname, ',') FROM pg_tables WHERE tablename LIKE 'offpeak%'"));
    }

    [Fact]
    public async Task Reading_makes_no_tables_in_a_file_of_others()
    {
        Execute("others.db", "CREATE TABLE orders (id INTEGER)");

        (await OffpeakAsync("list", "--db", "others.db")).Exits(2).Says("others.db has no tables of Offpeak; name another database with --db, or start a batch with 'offpeak run'.");

        (await OffpeakAsync("show", "1", "--db", "others.db")).Exits(2);
        using var connection = new SqliteConnection($"Data Source={PathOf("others.db")};Pooling=False");
        connection.Open();
        using var tables = new SqliteCommand("SELECT count(*) FROM sqlite_master", connection);
        Assert.Equal(1L, tables.ExecuteScalar());
    }

    [PostgresFact]
    public async Task A_batch_runs_on_PostgreSQL_and_no_message_holds_the_password()
    {
        await using var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        var url = database.Url.Replace("offpeak@", "offpeak:canary@", StringComparison.Ordinal);
        WritePrompts();

        var list = (await OffpeakAsync("list", "--db", url)).Exits(2);
        var run = (await OffpeakAsync(Run("--db", url))).Exits(0).Mentions("3 of 3 entries succeeded");
        var show = (await OffpeakAsync("show", "2", "--db", url)).Exits(2);

        Assert.StartsWith($"offpeak: {database.Url} has no tables of Offpeak;", list.Error, StringComparison.Ordinal);
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

    private static async Task<object?> ScalarAsync(PostgresDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
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
