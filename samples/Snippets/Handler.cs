#region handler
using Microsoft.Data.Sqlite;
using Offpeak.Handlers;
#endregion

namespace Snippets;

internal static class Handler
{
    #region handler
    public sealed class SaveSummaries : BatchHandler
    {
        protected override async Task OnSuccessAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            await using var connection = new SqliteConnection("Data Source=offpeak.db");     // Offpeak's own database
            await connection.OpenAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await foreach (var entry in outcome.ReadEntriesAsync(cancellationToken))
                await SaveAsync(connection, entry.CustomId, entry.Text, cancellationToken);

            await outcome.CompleteInAsync(transaction, cancellationToken);                   // the mark commits with your rows, or not at all
            await transaction.CommitAsync(cancellationToken);
        }
    }
    #endregion

    private static async Task SaveAsync(SqliteConnection connection, string id, string? text, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO summaries (id, text) VALUES ($id, $text);";
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$text", (object?)text ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
