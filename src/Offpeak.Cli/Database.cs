using System.CommandLine;
using Offpeak.Cli.Commands;

namespace Offpeak.Cli;

/// <summary>The database of a command: a SQLite file or a PostgreSQL server.</summary>
/// <param name="Location">The path, or the server's URL.</param>
/// <param name="IsNamed">Whether the command line names it, so that suggested commands must name it too.</param>
internal sealed record Database(string Location, bool IsNamed)
{
    private const string DefaultFile = "offpeak.db";

    // In a folder of its sources the program is not installed, but there is a launcher.
    private static readonly string Program = File.Exists("offpeak") ? "./offpeak" : "offpeak";

    /// <summary>What <c>--db</c> names, else <c>OFFPEAK_DB</c>, else a file in this folder.</summary>
    public static Database Of(ParseResult parsed)
    {
        var option = parsed.GetValue(SharedOptions.Database);
        var location = option ?? Environment.GetEnvironmentVariable("OFFPEAK_DB");
        return new Database(string.IsNullOrEmpty(location) ? DefaultFile : location, IsNamed: option is not null);
    }

    /// <summary>For messages: without the password that a URL may hold.</summary>
    public string Name => !IsServer ? Location
        : Uri.TryCreate(Location, UriKind.Absolute, out var url) ? $"{url.Scheme}://{UserOf(url)}{url.Authority}{url.AbsolutePath}"
        : "postgres://…";

    /// <summary>Whether there is one to look into. A server is asked when it is opened.</summary>
    public bool Exists => IsServer || File.Exists(Location) || Directory.Exists(Location);

    /// <summary>The files of it: SQLite keeps some beside the one that is named. None of a server.</summary>
    public IEnumerable<string> Files => IsServer ? [] : [Location, $"{Location}-wal", $"{Location}-shm", $"{Location}-journal"];

    public bool IsServer =>
        Location.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || Location.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A command line that works on this database, to be suggested to the user.</summary>
    public string Suggest(string command) =>
        IsNamed ? $"{Program} {command} --db {(Name.Contains(' ', StringComparison.Ordinal) ? $"\"{Name}\"" : Name)}" : $"{Program} {command}";

    public OffpeakBuilder UseIn(OffpeakBuilder offpeak) => IsServer ? offpeak.UsePostgreSql(Location) : offpeak.UseSqlite(Location);

    private static string UserOf(Uri url) => url.UserInfo.Length == 0 ? "" : $"{url.UserInfo.Split(':')[0]}@";
}
