using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak retry</c>: asks again for what was not answered.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var command = new Command(
            "retry",
            "Asks again for every entry of a finished batch that was not answered. On a running batch: submits again what is unconfirmed, which may pay twice, or waits for a key that is gone.")
        { id, Database.Option };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(id), Database.Of(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(long id, Database database, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(database, ct);
        var released = await services.GetRequiredService<BatchClient>().RetryAsync(id, ct);
        Terminal.Note(released == 0
            ? $"Batch {id} has nothing to retry."
            : $"Batch {id}: {released:N0} released; '{database.Suggest("work")}' or the same 'offpeak run' goes on with it.");
        return ExitCodes.Success;
    }
}
