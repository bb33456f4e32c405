using System.Net.Sockets;
using Npgsql;

namespace Offpeak.PostgreSql;

/// <summary>Says in one sentence why a database cannot be used at all. Holds neither password nor data.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>The error to throw in place of one of the driver's; null where the database can be used and the statement was at fault.</summary>
    public static OffpeakException? Translate(Exception error, NpgsqlConnectionStringBuilder settings)
    {
        var server = $"PostgreSQL at {settings.Host}:{settings.Port}";
        var reason = error switch
        {
            PostgresException refusal => Explain(refusal, server, settings),
            NpgsqlException { InnerException: SocketException socket } => $"{server} cannot be reached: {Sentence(socket.Message)}",
            NpgsqlException { InnerException: TimeoutException } => $"{server} does not answer in time",
            NpgsqlException { InnerException: IOException } => $"The connection to {server} was lost",
            NpgsqlException { InnerException: System.Security.Authentication.AuthenticationException } =>
                $"{server} and this program agree on no encrypted connection: check sslmode and the certificates",
            NpgsqlException { InnerException: null } broken => $"{server} cannot be used: {Sentence(broken.Message)}",
            _ => null,
        };
        return reason is null ? null : new OffpeakException(OffpeakErrorCode.Database, reason + ".", error);
    }

    private static string? Explain(PostgresException refusal, string server, NpgsqlConnectionStringBuilder settings) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => $"{server} refuses the user {settings.Username} with this password",
        PostgresErrorCodes.InvalidAuthorizationSpecification => $"{server} lets the user {settings.Username} in neither from here nor in this way",
        PostgresErrorCodes.InvalidCatalogName => $"{server} has no database {settings.Database ?? settings.Username}: create it first",
        PostgresErrorCodes.InsufficientPrivilege => $"The user {settings.Username} of {server} lacks a right: {Sentence(refusal.MessageText)}",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName =>
            $"The database {settings.Database} of {server} has not the tables of this version of Offpeak: {Sentence(refusal.MessageText)}",
        PostgresErrorCodes.ReadOnlySqlTransaction => $"{server} only reads: it is a standby, or set to",
        // Connection, resources, an operator's hand, the system under it, and faults of the server itself.
        ['0', '8', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] or ['5', '8', ..] or ['X', 'X', ..] =>
            $"{server} cannot be used now: {Sentence(refusal.MessageText)}",
        _ => null,
    };

    private static string Sentence(string message) => message.TrimEnd('.');
}
