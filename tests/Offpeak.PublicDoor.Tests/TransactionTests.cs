using Offpeak.Batches;
using Offpeak.PublicDoor.Tests.Fixture;

namespace Offpeak.PublicDoor.Tests;

/// <summary>A batch that is made in the transaction of the caller's own rows.</summary>
public sealed class TransactionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Order_and_batch_commit_or_vanish_together(bool commits)
    {
        await using var door = await Door.OpenAsync();
        await using var connection = await door.ConnectAsync();
        await connection.RunAsync("CREATE TABLE orders (id INTEGER PRIMARY KEY);");

        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await connection.RunAsync("INSERT INTO orders VALUES (1);", transaction);
            var inside = door.Client.In(transaction);
            var batch = await inside.CreateAsync(new NewBatch(Door.Model) { InputKey = "order-1" });
            await inside.AddEntriesAsync(batch.Id, [NewEntry.FromPrompt("1", "one")]);
            await inside.SubmitAsync(batch.Id);
            if (commits)
                await transaction.CommitAsync();
        }

        var found = await door.Client.FindByInputKeyAsync("order-1");
        Assert.Equal(commits ? 1 : 0, await connection.CountAsync("orders"));
        Assert.Equal(commits ? BatchStatus.Running : null, found?.Status);
        if (found is not null)
        {
            await door.TickToEndAsync(found.Id);
            Assert.Equal("ONE", (await door.ReadTextsAsync(found.Id))["1"]);
        }
    }
}
