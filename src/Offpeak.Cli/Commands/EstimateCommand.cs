using System.CommandLine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Output;
using Offpeak.Cli.Running;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak estimate</c>: what a run would send and cost, without sending anything.</summary>
internal static class EstimateCommand
{
    public static Command Create()
    {
        var options = new RequestOptions();
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("estimate", "Tells what a run would send and what it would cost. Nothing is sent, and no key is needed.");
        options.AddTo(command);
        command.Add(CliConfiguration.File);
        command.Add(json);
        command.SetAction((parsed, ct) =>
            RunAsync(options.Read(parsed) with { Json = parsed.GetValue(json) }, Database.Of(parsed), CliConfiguration.Of(parsed), ct));
        return command;
    }

    private static async Task<int> RunAsync(RunSettings settings, Database database, IConfiguration configuration, CancellationToken ct)
    {
        await using var services = CliServices.Build(database, configuration, configure: null, settings.Providers);
        var provider = RunPlan.ProviderOf(settings, services);
        await using var input = await settings.OpenInputAsync(ct);
        var plan = RunPlan.Make(settings, input, provider);
        SharedOptions.NoteNumbering(input);
        var entries = new EntryReading(settings, plan, input, provider).ReadAsync(ct);
        var estimate = await services.GetRequiredService<BatchClient>().EstimateAsync(plan.Describe(settings), entries, ct);
        if (settings.Json)
            Console.Out.WriteLine(EstimateText.Json(estimate, provider));
        else
            EstimateText.Write(Console.Out, estimate, provider);

        return ExitCodes.Success;
    }
}
