using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Offpeak.TestKit.Postgres;

/// <summary>A PostgreSQL server of the tests' own, on a free port of this machine. One serves a whole test process and ends with it.</summary>
public sealed class PostgresServer
{
    private const string FolderPrefix = "offpeak-pg-";
    private const int PortAttempts = 5;
    private const long RoomInMemory = 2L << 30;
    private static readonly Lazy<Task<PostgresServer>> Started = new(StartAsync);

    private readonly Process watch;
    private readonly int port;
    private readonly ConcurrentDictionary<string, Lazy<Task>> templates = new();
    private int lastDatabase;

    private PostgresServer(Process watch, int port)
    {
        this.watch = watch;
        this.port = port;
    }

    /// <summary>
    /// Whether tests may ask for a server, for <c>SkipUnless</c>: PostgreSQL is installed, or this is CI, where it has to be and a test that
    /// does not find it fails.
    /// </summary>
    public static bool CanRun => FindPrograms() is not null || Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The server of this process, started by the first who asks.</summary>
    public static Task<PostgresServer> GetAsync() => Started.Value;

    /// <summary>A connection string for one of its databases.</summary>
    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={port};Username=offpeak;Database={database};Maximum Pool Size=40;Include Error Detail=true";

    /// <summary>The same as a URL.</summary>
    public string Url(string database, string user = "offpeak") => $"postgres://{user}@127.0.0.1:{port}/{database}";

    /// <summary>Makes a database, dropped when the result is disposed.</summary>
    /// <param name="template">A name for what it begins with; null: an empty database.</param>
    /// <param name="fill">Fills the template, the first time that its name is seen.</param>
    public async Task<PostgresDatabase> CreateDatabaseAsync(string? template = null, Func<string, Task>? fill = null)
    {
        if (template is not null && fill is not null)
            await templates.GetOrAdd(template, name => new Lazy<Task>(() => FillTemplateAsync(name, fill))).Value;

        var name = $"test_{Interlocked.Increment(ref lastDatabase)}";
        await ExecuteAsync(template is null ? $"CREATE DATABASE {name}" : $"CREATE DATABASE {name} TEMPLATE {template}");
        return new PostgresDatabase(this, name);
    }

    /// <summary>Runs a statement on the server's own database.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task FillTemplateAsync(string template, Func<string, Task> fill)
    {
        await ExecuteAsync($"CREATE DATABASE {template}");
        // A database that somebody is connected to cannot be a template.
        await fill(ConnectionString(template) + ";Pooling=false");
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var programs = FindPrograms()
            ?? throw new InvalidOperationException("PostgreSQL is not installed on this machine: apt-get install postgresql.");
        var said = "";
        for (var attempt = 0; attempt < PortAttempts; attempt++)
        {
            var port = FreePort();
            var watch = Start(programs, port);
            said = await watch.StandardOutput.ReadLineAsync();
            if (said == "ready") return new PostgresServer(watch, port);

            // Somebody else may have taken the port between the look and the start.
            said += await watch.StandardOutput.ReadToEndAsync();
        }

        throw new InvalidOperationException($"PostgreSQL does not start: {said}");
    }

    private static Process Start(string programs, int port)
    {
        var folder = Path.Combine(FindParent(), $"{FolderPrefix}{Environment.ProcessId}-{port}");
        using var script = new StreamReader(typeof(PostgresServer).Assembly.GetManifestResourceStream("server.sh")!);
        string[] shell = ["sh", "-c", script.ReadToEnd(), "offpeak-postgres", programs, folder, $"{port}", .. StaleFolders()];
        // The server refuses to run as root.
        var line = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", .. shell]
            : shell;
        return Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = FindParent(),
        })!;
    }

    private static IEnumerable<string> StaleFolders() =>
        from folder in Directory.GetDirectories(FindParent(), FolderPrefix + "*")
        where int.TryParse(Path.GetFileName(folder)[FolderPrefix.Length..].Split('-')[0], out var owner) && !IsAlive(owner)
        select folder;

    // In memory, a database is made in a tenth of the time.
    private static string FindParent() =>
        Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > RoomInMemory ? "/dev/shm" : Path.GetTempPath();

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindPrograms()
    {
        const string Debian = "/usr/lib/postgresql";
        var debian = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            : Enumerable.Empty<string>();
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return debian.Select(folder => Path.Combine(folder, "bin")).Concat(path)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }
}
