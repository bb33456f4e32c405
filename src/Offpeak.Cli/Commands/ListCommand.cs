using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Output;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak list</c>: batches from the newest to the oldest.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var limit = SharedOptions.Number<int>("--limit", "How many at most.", "N", 50, "A limit is a number from 1 to 10,000", value => value is >= 1 and <= 10_000);
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("list", "Shows the batches, newest first.") { Database.Option, limit, json };
        command.SetAction((parsed, ct) => RunAsync(Database.Of(parsed), parsed.GetValue(limit), parsed.GetValue(json), ct));
        return command;
    }

    private static async Task<int> RunAsync(Database database, int limit, bool json, CancellationToken ct)
    {
        var batches = await ReadAsync(database, limit, ct);
        if (json)
            WriteJson(batches);
        else if (batches.Count == 0)
            Terminal.Note($"No batches in {database.Name} yet; start one with 'offpeak run'.");
        else
            WriteTable(batches);

        return ExitCodes.Success;
    }

    private static async Task<IReadOnlyList<BatchInfo>> ReadAsync(Database database, int limit, CancellationToken ct)
    {
        if (!database.Exists && !database.IsNamed)
            return [];

        try
        {
            await using var services = await CliServices.OpenExistingAsync(database, ct, providers: []);
            return await services.GetRequiredService<BatchClient>().ListAsync(limit, cancellationToken: ct);
        }
        catch (OffpeakException error) when (error.Code == CliServices.NoTables && !database.IsNamed)
        {
            return [];
        }
    }

    private static void WriteJson(IEnumerable<BatchInfo> batches)
    {
        foreach (var batch in batches)
            Console.Out.WriteLine(BatchJson.Line(batch));
    }

    private static void WriteTable(IEnumerable<BatchInfo> batches)
    {
        var table = new TextTable("ID", "NAME", "MODEL", "STATUS", "ENTRIES", "OK", "FAILED", "COST", "CREATED (UTC)")
        {
            RightAligned = [0, 4, 5, 6, 7],
            MayBeCut = [1, 2],
            MayBeLeftOut = [8, 7, 6],
        };
        foreach (var batch in batches)
        {
            table.Add(
            [
                batch.Id.ToString(),
                batch.Name,
                batch.Model,
                batch.Status.ToName(),
                batch.EntryCount.ToString("N0"),
                batch.SucceededCount.ToString("N0"),
                (batch.FailedCount + batch.ExpiredCount + batch.CanceledCount).ToString("N0"),
                batch.Cost is null ? "-" : Dollars.Text(batch.Cost),
                batch.CreatedAt.ToString("yyyy-MM-dd HH:mm"),
            ]);
        }

        table.Write(Console.Out, Terminal.OutWidth);
    }
}
