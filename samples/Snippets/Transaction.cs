using System.Data.Common;
using Offpeak;

namespace Snippets;

internal static class Transaction
{
    public static async Task RunAsync(BatchClient client, DbConnection connection, string orderId, string text)
    {
        #region transaction
        await using var transaction = await connection.BeginTransactionAsync();      // a connection of yours to Offpeak's database
        await SaveOrderAsync(orderId, transaction);
        var batches = client.In(transaction);
        var batch = await batches.CreateAsync(new NewBatch("openai/gpt-5-nano") { InputKey = $"order-{orderId}" });
        await batches.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt(orderId, text)]);
        await batches.SubmitAsync(batch.Id);
        await transaction.CommitAsync();                                            // order and batch, or neither
        #endregion
    }

    private static Task SaveOrderAsync(string orderId, DbTransaction transaction) => Task.CompletedTask;
}
