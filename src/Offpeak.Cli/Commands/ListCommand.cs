using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Storage;
using Spectre.Console;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak list</c>: batches from the newest to the oldest.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var db = SharedOptions.Database();
        var limit = new Option<int>("--limit") { Description = "How many at most. Default: 50.", DefaultValueFactory = _ => 50, HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("list", "Shows the batches, newest first.") { db, limit, json };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(db), parsed.GetValue(limit), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(string? db, int limit, bool json, CancellationToken ct)
    {
        await using var services = await CliServices.OpenAsync(db, configure: null, ct);
        var batches = await services.GetRequiredService<BatchClient>().ListAsync(limit, cancellationToken: ct);
        if (json)
            WriteJson(batches);
        else if (batches.Count == 0)
            Terminal.Note($"No batches in {CliServices.DatabasePath} yet; start one with 'offpeak run'.");
        else
            WriteTable(batches);
        return ExitCodes.Success;
    }

    private static void WriteJson(IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
            Console.Out.WriteLine(Output.BatchJson.Line(batch));
    }

    private static void WriteTable(IEnumerable<Batch> batches)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "Id", "Name", "Model", "Status", "Entries", "Succeeded", "Failed", "Cost", "Created (UTC)" })
            table.AddColumn(heading);
        foreach (var batch in batches)
        {
            table.AddRow(
                batch.Id.ToString(),
                Terminal.Cell(batch.Name),
                Terminal.Cell(batch.FullModel),
                SnakeCaseEnum<BatchStatus>.Name(batch.Status),
                batch.EntryCount.ToString("N0"),
                batch.SucceededCount.ToString("N0"),
                (batch.FailedCount + batch.ExpiredCount + batch.CanceledCount).ToString("N0"),
                Output.Money.Text(batch.Cost),
                batch.CreatedAt.ToString("yyyy-MM-dd HH:mm"));
        }

        Terminal.Out.Write(table);
    }
}
