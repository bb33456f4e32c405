using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Input;
using Offpeak.Cli.Running;
using Offpeak.Policies;
using Offpeak.Providers;

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
        command.Add(json);
        command.SetAction((parsed, ct) => RunAsync(options.Read(parsed) with { Json = parsed.GetValue(json) }, ct));
        return command;
    }

    private static async Task<int> RunAsync(RunSettings settings, CancellationToken ct)
    {
        await using var services = CliServices.Build(db: null, configure: null);
        var (providerName, model) = ModelName.Split(settings.Model);
        var provider = services.GetRequiredService<ProviderRegistry>().Get(providerName);
        await using var input = await InputFile.OpenAsync(settings.Input, new InputOptions { PromptTemplate = settings.Prompt }, ct);
        var plan = RunPlan.Make(settings, input, provider.Capabilities.TakesOpenAIBodies);
        services.GetRequiredService<Flow.DescribeBatch>().Run(new NewBatch(settings.Model) { Endpoint = plan.Endpoint });
        var entries = new EntryReading(settings, plan, input, provider, model).ReadAsync(ct);
        var estimate = await CostEstimate.MakeAsync(provider, services.GetRequiredService<ModelTable>(), model, plan.Endpoint, entries, ct);
        if (settings.Json)
            Console.Out.WriteLine(estimate.ToJson());
        else
            estimate.Write(Console.Out);
        return ExitCodes.Success;
    }
}
