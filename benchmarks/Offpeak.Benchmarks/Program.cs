using Offpeak.Benchmarks;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Cases;
using Offpeak.Benchmarks.Reporting;

// The verbs that this program runs itself with, so that neither the provider nor other benchmarks count against the process measured.
switch (args)
{
    case ["--emulator"]:
        return await EmulatorProcess.ServeAsync();
    case ["--flood", var answerBytes]:
        return await EmulatorProcess.ServeFloodAsync(int.Parse(answerBytes));
    case ["--memory", var provider, var entries, var bytes, var root]:
        return await Memory.RunProcessAsync(provider, int.Parse(entries), int.Parse(bytes), root);
    case ["--batch", var entries, var root]:
        return await WholeBatch.RunProcessAsync(int.Parse(entries), root);
}

if (Scale.Parse(args) is not { } scale)
{
    Console.Error.WriteLine("Usage: Offpeak.Benchmarks [--only NAME]... [--quick] [--heavy] [--markdown]");
    return 2;
}

IBenchmark[] all =
[
    new AddEntries(), new Ingest(), new IngestOverHttp(), new Resume(), new Memory(), new Transactions(), new WholeBatch(), new CommandLineStart(),
    new Codec(), new SchemaChecks(),
];
var report = new Report(scale);
foreach (var benchmark in all.Where(benchmark => scale.Wants(benchmark.Name)))
{
    Console.Error.WriteLine($"{benchmark.Name} ...");
    await foreach (var figure in benchmark.RunAsync(scale))
        report.Add(benchmark.Name, figure);
}

report.Print(Machine.Describe());
return report.IsShort ? 1 : 0;
