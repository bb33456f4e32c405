using System.Globalization;
using Npgsql;

namespace Offpeak.PostgreSql;

/// <summary>Reads where a database is, from a URL as libpq takes it or from a connection string. What it says of a bad one holds no value of it.</summary>
internal static class PostgreSqlAddress
{
    private const string UnescapedPassword = "a '/', '?' or '%' in a password is written %2F, %3F, %25";
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    /// <summary>Reads a URL or a connection string.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string address)
    {
        var scheme = Schemes.FirstOrDefault(scheme => address.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
        return scheme is null ? ParseConnectionString(address) : ParseUrl(address[scheme.Length..]);
    }

    private static NpgsqlConnectionStringBuilder ParseConnectionString(string text)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            return settings.Host is null ? throw Unreadable("the connection string names no host") : settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw Unreadable("use postgres://user:password@host:5432/database, or Host=…;Database=…;Username=…;Password=…");
        }
    }

    private static NpgsqlConnectionStringBuilder ParseUrl(string rest)
    {
        var settings = new NpgsqlConnectionStringBuilder();
        var (place, query) = Cut(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Cut(place, place.IndexOf('/', StringComparison.Ordinal));
        // Else the rest of a password would be taken for a database or a parameter, and shown.
        if (!authority.Contains('@') && rest.Contains('@')) throw Unreadable(UnescapedPassword);

        var (user, hosts) = authority.LastIndexOf('@') is >= 0 and var at ? Cut(authority, at) : ("", authority);
        var (name, password) = Cut(user, user.IndexOf(':', StringComparison.Ordinal));
        if (name.Length > 0) settings.Username = Unescape(name, "the user");

        if (password.Length > 0) settings.Password = Unescape(password, "the password");

        if (database.Length > 0) settings.Database = Unescape(database, "the database");

        ReadHosts(settings, hosts);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            SetParameter(settings, Unescape(key, "a parameter"), Unescape(value, "a parameter"));
        }

        return string.IsNullOrEmpty(settings.Host) ? throw Unreadable("the URL names no host") : settings;
    }

    private static void ReadHosts(NpgsqlConnectionStringBuilder settings, string hosts)
    {
        if (hosts.Contains(','))
        {
            settings.Host = hosts;
            return;
        }

        // Colons within brackets belong to an address of version 6.
        var colon = hosts.IndexOf(':', Math.Max(hosts.IndexOf(']', StringComparison.Ordinal), 0));
        var (host, port) = Cut(hosts, colon);
        if (host.Length > 0) settings.Host = Unescape(host.Trim('[', ']'), "the host");

        if (port.Length > 0) settings.Port = Number(port, "the port is not a number");
    }

    private static void SetParameter(NpgsqlConnectionStringBuilder settings, string key, string value)
    {
        try
        {
            switch (key.ToLowerInvariant())
            {
                case "sslmode": settings.SslMode = ReadSslMode(value); break;
                case "sslrootcert": settings.RootCertificate = value; break;
                case "sslcert": settings.SslCertificate = value; break;
                case "sslkey": settings.SslKey = value; break;
                case "application_name": settings.ApplicationName = value; break;
                case "connect_timeout": settings.Timeout = Number(value, "connect_timeout is not a number of seconds"); break;
                case "channel_binding": settings["Channel Binding"] = value; break;
                case "target_session_attrs": settings.TargetSessionAttributes = value; break;
                case "user": settings.Username = value; break;
                case "dbname": settings.Database = value; break;
                // Anything else is a word of the driver: pooling, maximum_pool_size and so on.
                default: settings[key.Replace('_', ' ')] = value; break;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw Unreadable($"the parameter {key} of the URL, or its value, is not known");
        }
    }

    private static SslMode ReadSslMode(string value) => value switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw Unreadable("sslmode is disable, allow, prefer, require, verify-ca or verify-full"),
    };

    private static int Number(string text, string problem) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Unreadable(problem);

    private static string Unescape(string text, string what)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
                throw Unreadable($"{what} holds a '%' that is not written %25");

        return Uri.UnescapeDataString(text);
    }

    private static (string Before, string After) Cut(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static OffpeakException Unreadable(string why) =>
        new(OffpeakErrorCode.InvalidInput, $"The address of the PostgreSQL database cannot be read: {why}.");
}
