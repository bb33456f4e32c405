using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;
using Offpeak.Cli.Running;
using Offpeak.Flow;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak run</c>: an input file to a results file, by way of a batch that survives whatever happens in between.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var request = new RequestOptions();
        var output = new Option<string?>("--output") { Description = "Where to write the results; - is standard output. Default: the input's name with .results.jsonl, in this folder.", HelpName = "FILE" };
        var db = SharedOptions.Database();
        var name = new Option<string?>("--name") { Description = "A name for the batch, for 'offpeak list'. Default: the input's name.", HelpName = "NAME" };
        var poll = PollOption();
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
        foreach (var option in (Option[])[output, db, name, poll, maxCost, canary, fallback, fallbackAfter, fresh, detach, json])
            command.Add(option);
        command.SetAction((parsed, ct) => RunAsync(
            request.Read(parsed) with
            {
                Output = parsed.GetValue(output),
                Database = parsed.GetValue(db),
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
            ct));
        return command;
    }

    public static Option<PollSchedule?> PollOption() => new("--poll")
    {
        Description = "Delays between polls, the last repeating. Default: Offpeak__PollSchedule, else 1m,2m,5m,10m,30m.",
        HelpName = "1s,2s,5s",
        CustomParser = result =>
        {
            try
            {
                return PollSchedule.Parse(result.Tokens[0].Value);
            }
            catch (FormatException error)
            {
                result.AddError(error.Message);
                return null;
            }
        },
    };

    private static async Task<int> RunAsync(RunSettings settings, CancellationToken ct)
    {
        await using var services = CliServices.Build(settings.Database, options => options.PollSchedule = settings.Poll ?? options.PollSchedule);
        var provider = services.GetRequiredService<ProviderRegistry>().Get(ModelName.Split(settings.Model).Provider);
        await using var input = await InputFile.OpenAsync(settings.Input, new InputOptions { PromptTemplate = settings.Prompt }, ct);
        var plan = RunPlan.Make(settings, input, provider.Capabilities.TakesOpenAIBodies);
        await CliServices.MigrateAsync(services, ct);
        var client = services.GetRequiredService<BatchClient>();
        long? batchId = null;
        try
        {
            batchId = await new BatchPreparation(services, settings, plan, input).PrepareAsync(ct);
            var batch = await DriveAsync(services, batchId.Value, settings, ct);
            return await FinishAsync(client, batch, settings, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            SayDetached(batchId);
            return ExitCodes.Interrupted;
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.Provider && batchId is not null)
        {
            throw new OffpeakException(error.Code, $"{error.Message} Batch {batchId} is kept: mend that, then run the same command again to go on.", error);
        }
    }

    private static async Task<Batch> DriveAsync(ServiceProvider services, long batchId, RunSettings settings, CancellationToken ct)
    {
        var driver = services.GetRequiredService<DriveBatch>();
        await using var progress = RunProgress.Start(services.GetRequiredService<BatchClient>(), batchId);
        return settings.Detach ? await driver.RunUntilAcceptedAsync(batchId, ct) : await driver.RunAsync(batchId, ct);
    }

    private static async Task<int> FinishAsync(BatchClient client, Batch batch, RunSettings settings, CancellationToken ct)
    {
        if (!batch.Status.IsTerminal())
        {
            Terminal.Note($"Batch {batch.Id} is accepted; the same command without --detach, or '{CliServices.Suggest("work")}', brings in its results.");
            PrintSummary(await client.GetDetailsAsync(batch.Id, ct), settings.Json);
            return ExitCodes.Success;
        }

        var output = settings.OutputPath;
        await ResultsFile.WriteAsync(client, batch.Id, output, ResultsFormat.Jsonl, ct);
        Terminal.Note(Describe(batch));
        if (output != "-")
            Terminal.Note($"Results: {output}");
        PrintSummary(await client.GetDetailsAsync(batch.Id, ct), settings.Json);
        return ExitCodes.Of(batch);
    }

    private static string Describe(Batch batch)
    {
        var text = $"Batch {batch.Id} {Storage.SnakeCaseEnum<BatchStatus>.Name(batch.Status)}: {batch.SucceededCount:N0} of {batch.EntryCount:N0} entries succeeded";
        if (batch.FailedCount > 0)
            text += $", {batch.FailedCount:N0} failed";
        if (batch.ExpiredCount > 0)
            text += $", {batch.ExpiredCount:N0} expired";
        if (batch.CanceledCount > 0)
            text += $", {batch.CanceledCount:N0} cancelled";
        text += batch is { Cost: null, InputTokens: null } ? "." : $"; cost {Money.Text(batch.Cost)}.";
        if (batch.FailureReason is not null)
            text += $" {batch.FailureReason}";
        return batch.SucceededCount < batch.EntryCount ? $"{text} '{CliServices.Suggest($"retry {batch.Id}")}', then the same command, asks again." : text;
    }

    private static void PrintSummary(BatchDetails details, bool json)
    {
        if (json)
            Console.Out.WriteLine(BatchJson.Summary(details));
    }

    private static void SayDetached(long? batchId) => Terminal.Note(batchId is { } id
        ? string.Create(CultureInfo.InvariantCulture, $"Detached from batch {id}: nothing is lost and the provider works on. Run the same command again to go on.")
        : "Stopped before anything was sent. Run the same command again to go on.");
}
