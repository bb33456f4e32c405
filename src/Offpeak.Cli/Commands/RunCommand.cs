using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Output;
using Offpeak.Cli.Running;
using Offpeak.Providers;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak run</c>: an input file to a results file, by way of a batch that survives whatever happens in between.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var request = new RequestOptions();
        var output = new Option<string?>("--output") { Description = "Where to write the results; - is standard output. Default: the input's name with .results.jsonl, in this folder.", HelpName = "FILE" };
        var force = SharedOptions.Force();
        var name = new Option<string?>("--name") { Description = "A name for the batch, for 'offpeak list'. Default: the input's name.", HelpName = "NAME" };
        var poll = SharedOptions.Poll();
        var maxCost = SharedOptions.Number<decimal>(
            "--max-cost",
            "Most US dollars to spend: refuses input that alone costs more, and asks nothing again once it is used up.",
            "USD",
            "A budget is a number of US dollars over 0",
            value => value > 0);
        var canary = SharedOptions.Number<int>(
            "--canary", "Sends this many entries first, and the rest only if 90 % of them succeed (Offpeak__CanaryShare).", "N", "A canary is 1 entry or more", value => value > 0);
        var fallback = new Option<string?>("--fallback") { Description = "Who to ask for what is missing after the last round, for example local/llama3.", HelpName = "PROVIDER/MODEL" };
        var fallbackAfter = SharedOptions.Duration("--fallback-after", "Stops the provider after this time and asks the fallback for the rest, for example 20h.");
        var fresh = new Option<bool>("--new") { Description = "Starts a new batch, also if the same command was run before." };
        var detach = new Option<bool>("--detach") { Description = "Returns as soon as the provider has accepted everything." };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object with ids, status, counts and cost last." };
        var command = new Command("run", "Runs a file of requests as a batch and writes the results. The same command again goes on where it was.");
        request.AddTo(command);
        foreach (var option in (Option[])[output, force, Database.Option, CliConfiguration.File, name, poll, maxCost, canary, fallback, fallbackAfter, fresh, detach, json])
            command.Add(option);

        command.SetAction((parsed, ct) => RunAsync(
            request.Read(parsed) with
            {
                Output = parsed.GetValue(output),
                Force = parsed.GetValue(force),
                Name = parsed.GetValue(name),
                Poll = parsed.GetValue(poll),
                MaxCost = parsed.GetValue(maxCost),
                Canary = parsed.GetValue(canary),
                Fallback = parsed.GetValue(fallback),
                FallbackAfter = parsed.GetValue(fallbackAfter),
                StartNew = parsed.GetValue(fresh),
                Detach = parsed.GetValue(detach),
                Json = parsed.GetValue(json),
            },
            Database.Of(parsed),
            CliConfiguration.Of(parsed),
            ct));
        return command;
    }

    private static async Task<int> RunAsync(RunSettings settings, Database database, IConfiguration configuration, CancellationToken ct)
    {
        ResultsFile.Check(settings.OutputPath, [.. settings.FilesRead, .. database.Files]);
        await using var services = CliServices.Build(
            database, configuration, options => options.PollSchedule = settings.Poll ?? options.PollSchedule, settings.Providers);
        var provider = RunPlan.ProviderOf(settings, services);
        await using var input = await settings.OpenInputAsync(ct);
        var plan = RunPlan.Make(settings, input, provider);
        SharedOptions.NoteNumbering(input);
        await CliServices.SetUpAsync(services, ct);
        var client = services.GetRequiredService<BatchClient>();
        var place = new ResultsPlace(client, settings.OutputPath, ResultsFormat.Jsonl, settings.Force);
        long? batchId = null;
        try
        {
            var entries = new EntryReading(settings, plan, input, provider);
            batchId = await new BatchPreparation(client, settings, plan, place, services.GetRequiredService<ProviderRegistry>(), entries).PrepareAsync(ct);
            var batch = await DriveAsync(client, batchId.Value, settings, ct);
            return await FinishAsync(client, batch, settings, place, database, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Terminal.Note(batchId is { } id
                ? Detached.Of(await client.GetAsync(id, CancellationToken.None))
                : "Stopped before anything was sent. Run the same command again to go on.");
            return ExitCodes.Interrupted;
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.Provider && batchId is not null)
        {
            throw new OffpeakException(error.Code, $"{error.Message} Batch {batchId} is kept: mend that, then run the same command again to go on.", error);
        }
    }

    private static async Task<BatchInfo> DriveAsync(BatchClient client, long batchId, RunSettings settings, CancellationToken ct)
    {
        await using var progress = RunProgress.Start(client, batchId);
        return settings.Detach ? await client.RunUntilAcceptedAsync(batchId, ct) : await client.RunToEndAsync(batchId, ct);
    }

    private static async Task<int> FinishAsync(
        BatchClient client, BatchInfo batch, RunSettings settings, ResultsPlace place, Database database, CancellationToken ct)
    {
        var output = batch.IsTerminal ? await place.ChooseAsync(batch.Id, ct) : settings.OutputPath;
        if (batch.IsTerminal)
            await ResultsFile.WriteAsync(client, batch.Id, output, ResultsFormat.Jsonl, database, ct);

        var details = await client.GetAsync(batch.Id, ct);
        var cutOff = await client.CountCutOffAsync(batch.Id, ct);
        Terminal.Note(batch.IsTerminal
            ? RunSummary.Of(details, cutOff, await ErrorsAsync(client, details, ct), database)
            : $"Batch {batch.Id} is accepted; the same command without --detach, or '{database.Suggest("work")}', brings in its results.");
        if (batch.IsTerminal && output != "-")
            Terminal.Note($"Results: {output}{(output == settings.OutputPath ? "" : $" (not {settings.OutputPath}, which holds others)")}");

        if (Doubts.Describe(details, database) is { } doubts)
            Terminal.Note(doubts);

        if (settings.Json)
            Console.Out.WriteLine(BatchJson.Summary(details, cutOff));

        return batch.IsTerminal ? ExitCodes.Of(batch) : ExitCodes.Success;
    }

    private static async Task<IReadOnlyList<EntryErrorCount>> ErrorsAsync(BatchClient client, BatchDetails details, CancellationToken ct) =>
        details.Counts.Failed == 0 ? [] : await client.CountErrorsAsync(details.Batch.Id, ct);
}
