using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak resolve</c>: a person's word on a shard whose fate nobody else can tell, or whose key is gone.</summary>
internal static class ResolveCommand
{
    public static Command Create()
    {
        var shard = SharedOptions.Id("SHARD", "shard", "The shard's id, as 'offpeak show' names it.", "as 'offpeak show' names it");
        var adopt = new Option<string?>("--adopt") { Description = "The provider holds it under this id: go on with that.", HelpName = "ID" };
        var discard = new Option<bool>("--discard") { Description = "The provider holds nothing: submit it again. Should it hold one after all, it is paid for twice." };
        var command = new Command("resolve", "Decides on an unconfirmed shard, after a look into the provider's console, or on one that waits for a key that is gone.")
        { shard, adopt, discard, Database.Option };
        command.Validators.Add(result =>
        {
            if (string.IsNullOrEmpty(result.GetValue(adopt)) != result.GetValue(discard))
                result.AddError("Give either --adopt with the provider batch's id, or --discard.");
        });
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(shard), parsed.GetValue(adopt), Database.Of(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(long shard, string? adopted, Database database, CancellationToken ct)
    {
        await using var services = await CliServices.OpenExistingAsync(database, ct);
        var resolution = adopted is null ? ShardResolution.Discard : ShardResolution.Adopt(adopted);
        await services.GetRequiredService<BatchClient>().ResolveAsync(shard, resolution, ct);
        Terminal.Note($"Shard {shard} {(adopted is null ? "is submitted again" : $"goes on as {adopted}")}; '{database.Suggest("work")}' or the same 'offpeak run' does it.");
        return ExitCodes.Success;
    }
}
