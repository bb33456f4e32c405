using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak delete</c>: a batch with its texts and answers.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var withoutHandler = new Option<bool>("--without-handler") { Description = "Also if its handler has not run, which then never will: for one that no program has any more." };
        var withoutCleanUp = new Option<bool>("--without-clean-up") { Description = "Also if files of it cannot be deleted at the provider: they stay there." };
        var command = new Command("delete", "Deletes a batch that is at its end, or was never sent, with its prompts and answers.")
        {
            id, withoutHandler, withoutCleanUp, Database.Option,
        };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(id), parsed.GetValue(withoutHandler), parsed.GetValue(withoutCleanUp), Database.Of(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(long id, bool withoutHandler, bool withoutCleanUp, Database database, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(database, ct);
        await services.GetRequiredService<BatchClient>().DeleteAsync(id, withoutHandler, withoutCleanUp, ct);
        Terminal.Note($"Batch {id} is deleted.");
        return ExitCodes.Success;
    }
}
