using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Output;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak results</c>: the entries of a batch, answered or not, in input order.</summary>
internal static class ResultsCommand
{
    public static Command Create()
    {
        var id = SharedOptions.BatchId();
        var output = new Option<string>("--output") { Description = "Where to write; - is standard output.", DefaultValueFactory = _ => "-", HelpName = "FILE" };
        var format = new Option<string?>("--format") { Description = "How to write them; raw gives the provider's own bodies. Default: csv into a .csv file, else jsonl." };
        SharedOptions.AcceptOnly(format, "jsonl", "csv", "raw");
        var force = SharedOptions.Force();
        var command = new Command("results", "Writes a batch's results, also while it is still running.") { id, Database.Option, output, format, force };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(id),
            Database.Of(parsed),
            parsed.GetValue(output)!,
            FormatOf(parsed.GetValue(format), parsed.GetValue(output)!),
            parsed.GetValue(force),
            ct));
        return command;
    }

    private static ResultsFormat FormatOf(string? named, string output) =>
        named is not null ? Enum.Parse<ResultsFormat>(named, ignoreCase: true)
        : Path.GetExtension(output).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? ResultsFormat.Csv
        : ResultsFormat.Jsonl;

    private static async Task<int> RunAsync(long id, Database database, string output, ResultsFormat format, bool force, CancellationToken ct)
    {
        ResultsFile.Check(output, database.Files);
        await using var services = await CliServices.OpenExistingAsync(database, ct);
        var client = services.GetRequiredService<BatchClient>();
        _ = await client.GetAsync(id, ct);
        await new ResultsPlace(client, output, format, force).CheckAsync(id, ct);
        await ResultsFile.WriteAsync(client, id, output, format, database, ct);
        return ExitCodes.Success;
    }
}
