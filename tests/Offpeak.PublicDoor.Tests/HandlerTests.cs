using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Handlers;
using Offpeak.PublicDoor.Tests.Fixture;

namespace Offpeak.PublicDoor.Tests;

/// <summary>Handlers as users write them.</summary>
public sealed class HandlerTests
{
    private readonly ListeningHandler.Notes notes = [];

    [Fact]
    public async Task Completion_comes_first_then_success()
    {
        await using var door = await Door.OpenAsync(Listen);
        var batch = await door.SubmitAsync(["one"], ListeningHandler.Name);
        await door.TickToEndAsync(batch.Id);

        Assert.Equal([$"completion {batch.Id}", $"success {batch.Id}"], notes);
    }

    [Fact]
    public async Task Completion_comes_first_then_failure()
    {
        await using var door = await Door.OpenAsync(Listen);
        door.Server.Holds = true;
        var batch = await door.SubmitAsync(["one", "two"], ListeningHandler.Name);
        await door.Maintenance.TickAsync();
        await door.Client.CancelAsync(batch.Id);
        await door.TickToEndAsync(batch.Id);

        Assert.Equal([$"completion {batch.Id}", $"failure {batch.Id}"], notes);
    }

    [Fact]
    public async Task Effects_in_one_transaction_with_the_mark_happen_once_whatever_fails()
    {
        await using var door = await Door.OpenAsync(offpeak =>
        {
            offpeak.Services.AddSingleton(notes);
            offpeak.AddHandler<ClumsyWriter>("write");
        });
        await using (var connection = await door.ConnectAsync())
            await connection.RunAsync("CREATE TABLE summaries (id TEXT NOT NULL, text TEXT NOT NULL);");

        var batch = await door.SubmitAsync(["one", "two"], "write");
        await door.EveryMinuteAsync(
            TimeSpan.FromHours(1),
            () => door.Maintenance.TickAsync(),
            async () => (await door.Client.FindAsync(batch.Id))!.Handler!.SucceededAt is not null);
        door.Time.Advance(TimeSpan.FromHours(2));
        await door.Maintenance.TickAsync();

        await using var after = await door.ConnectAsync();
        Assert.Equal(["attempt 1", "attempt 2"], notes);
        Assert.Equal(2, await after.CountAsync("summaries"));
    }

    [Fact]
    public async Task A_handler_is_tested_without_a_database()
    {
        var outcome = new BatchOutcome(
            new BatchInfo { Id = 7, Name = "nightly", Provider = "acme", Model = Door.Model, Status = BatchStatus.Completed },
            "7-1",
            attempt: 1,
            _ => AsyncEnumerable.Empty<EntryOutcome>(),
            (_, _) => Task.CompletedTask);

        await new ListeningHandler(notes).HandleAsync(outcome, CancellationToken.None);

        Assert.Equal(["completion 7", "success 7"], notes);
    }

    private void Listen(OffpeakBuilder offpeak)
    {
        offpeak.Services.AddSingleton(notes);
        offpeak.AddHandler<ListeningHandler>(ListeningHandler.Name);
    }

    /// <summary>Fails before its first commit, and again after its second.</summary>
    private sealed class ClumsyWriter(Door door, ListeningHandler.Notes notes) : IBatchHandler
    {
        public async Task HandleAsync(BatchOutcome outcome, CancellationToken cancellationToken)
        {
            notes.Add($"attempt {outcome.Attempt}");
            await using var connection = await door.ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await foreach (var entry in outcome.ReadEntriesAsync(cancellationToken))
                await connection.RunAsync($"INSERT INTO summaries VALUES ('{entry.CustomId}', '{entry.Text}');", transaction);

            await outcome.CompleteInAsync(transaction, cancellationToken);
            if (outcome.Attempt == 1)
                throw new InvalidOperationException("Before the commit.");

            await transaction.CommitAsync(cancellationToken);
            throw new InvalidOperationException("After the commit.");
        }
    }
}
