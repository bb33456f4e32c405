using System.CommandLine;
using System.Data.Common;
using Offpeak.Cli.Input;

namespace Offpeak.Cli;

/// <summary>The database of a command: a SQLite file or a PostgreSQL server.</summary>
/// <param name="Location">The path, or the server's URL or connection string.</param>
/// <param name="IsNamed">Whether the command line names it, so that suggested commands must name it too.</param>
internal sealed record Database(string Location, bool IsNamed)
{
    /// <summary>Which one; the same for every command.</summary>
    public static readonly Option<string?> Option = new("--db")
    {
        Description = "The database: a SQLite file, postgres://user:password@host/database, with ?search_path=SCHEMA where the tables are in a schema of "
            + "their own, or Host=…;Database=…. Default: OFFPEAK_DB, else offpeak.db.",
        HelpName = "FILE",
    };

    private const string DefaultFile = "offpeak.db";

    private static readonly string[] ServerSchemes = ["postgres", "postgresql"];

    // Words of a connection string that no name of a file has before a sign of equality. A password without a host is one too: it is to be
    // refused as such, and not to become the name of a file.
    private static readonly string[] ServerWords =
        ["host", "server", "port", "database", "username", "user name", "user id", "userid", "user", "password", "pwd"];

    // In a folder of its sources the program is not installed, but there is a launcher.
    private static readonly string Program = File.Exists("offpeak") ? "./offpeak" : "offpeak";

    /// <summary>What <c>--db</c> names, else <c>OFFPEAK_DB</c>, else a file in this folder.</summary>
    public static Database Of(ParseResult parsed)
    {
        var option = parsed.GetValue(Option);
        var location = option ?? Environment.GetEnvironmentVariable("OFFPEAK_DB");
        return new Database(string.IsNullOrEmpty(location) ? DefaultFile : location, IsNamed: option is not null);
    }

    /// <summary>For messages: without a password.</summary>
    public string Name => !IsServer ? Location : Scheme is null ? NameOfConnectionString() : NameOfUrl();

    /// <summary>Whether there is one to look into. A server is asked when it is opened.</summary>
    public bool Exists => IsServer || File.Exists(Location) || Directory.Exists(Location);

    /// <summary>The files of it: SQLite keeps some beside the one that is named. None of a server.</summary>
    public IEnumerable<string> Files => IsServer ? [] : [Location, $"{Location}-wal", $"{Location}-shm", $"{Location}-journal"];

    public bool IsServer => Scheme is { } scheme
        ? ServerSchemes.Contains(scheme, StringComparer.OrdinalIgnoreCase)
        : Location.Split(';').Any(part => part.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            && ServerWords.Contains(part[..at].Trim(), StringComparer.OrdinalIgnoreCase));

    private string? Scheme => Location.IndexOf("://", StringComparison.Ordinal) is > 0 and var at && Location.AsSpan(0, at).IndexOfAny('/', '\\') < 0 ? Location[..at] : null;

    /// <summary>Refuses what is neither: as the name of a file it would show what it holds.</summary>
    /// <exception cref="InputException">It is a server of another kind.</exception>
    public void Check()
    {
        if (Scheme is { } scheme && !IsServer)
        {
            throw new InputException(
                $"A database at {Shown.Plain(scheme)}:// cannot be used; {(IsNamed ? "--db" : "OFFPEAK_DB")} takes a SQLite file, postgres://user:password@host/database, "
                + "or Host=…;Database=…;Username=…;Password=….");
        }
    }

    /// <summary>A command line that works on this database, to be suggested to the user.</summary>
    public string Suggest(string command) =>
        IsNamed ? $"{Program} {command} --db {(Name.AsSpan().IndexOfAny(" ?&;") >= 0 ? $"\"{Name}\"" : Name)}" : $"{Program} {command}";

    public OffpeakBuilder UseIn(OffpeakBuilder offpeak) => IsServer ? offpeak.UsePostgreSql(Location) : offpeak.UseSqlite(Location);

    // The parameters stay, because one may name the schema.
    private string NameOfUrl()
    {
        // A sign in the path that ends a user is what is left of a password that was not escaped.
        if (!Uri.TryCreate(Location, UriKind.Absolute, out var url) || url.AbsolutePath.Contains('@', StringComparison.Ordinal))
            return "postgres://…";

        var user = url.UserInfo.Length == 0 ? "" : $"{url.UserInfo.Split(':')[0]}@";
        var parameters = url.Query.TrimStart('?').Split('&').Where(pair => pair.Length > 0 && !IsSecret(pair.Split('=')[0])).ToList();
        return $"{url.Scheme}://{user}{url.Authority}{url.AbsolutePath}{(parameters.Count == 0 ? "" : $"?{string.Join('&', parameters)}")}";
    }

    private string NameOfConnectionString()
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = Location };
            string? Of(params string[] names) => names.Select(name => settings.TryGetValue(name, out var value) ? value.ToString() : null).FirstOrDefault(value => value is not null);
            var user = Of("Username", "User Name", "User Id", "UserId", "User") is { } name ? $"{name}@" : "";
            var port = Of("Port") is { } number ? $":{number}" : "";
            var schema = Of("Search Path", "SearchPath") is { } path ? $"?search_path={path}" : "";
            return $"postgres://{user}{Of("Host", "Server")}{port}/{Of("Database")}{schema}";
        }
        catch (ArgumentException)
        {
            return "postgres://…";
        }
    }

    private static bool IsSecret(string parameter) =>
        parameter.Contains("pass", StringComparison.OrdinalIgnoreCase) || parameter.Contains("pwd", StringComparison.OrdinalIgnoreCase);
}
