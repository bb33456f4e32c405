using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak cancel</c>: asks for cancellation.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var command = new Command("cancel", "Cancels a batch; what was answered before is kept.") { id, Database.Option };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(id), Database.Of(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(long id, Database database, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(database, ct);
        var client = services.GetRequiredService<BatchClient>();
        await client.CancelAsync(id, ct);
        var batch = await client.FindAsync(id, ct);
        Terminal.Note(batch?.Status == BatchStatus.Canceled
            ? $"Batch {id} is cancelled."
            : $"Cancellation of batch {id} is under way; '{database.Suggest("work")}' or the same 'offpeak run' brings in what was finished before.");
        return ExitCodes.Success;
    }
}
