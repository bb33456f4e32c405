using Offpeak.Benchmarks;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Cases;
using Offpeak.Benchmarks.Reporting;

// The two verbs that this program runs itself with, so that neither the provider nor other benchmarks count against the process measured.
if (args is ["--emulator"])
    return await EmulatorProcess.ServeAsync();
if (args is ["--memory", var provider, var entries, var root])
    return await MemoryProcess.RunAsync(provider, int.Parse(entries), root);

if (Scale.Parse(args) is not { } scale)
{
    Console.Error.WriteLine("Usage: Offpeak.Benchmarks [--only NAME]... [--quick] [--markdown]");
    return 2;
}

IBenchmark[] all =
[
    new AddEntries(), new Ingest(), new IngestOverHttp(), new Resume(), new Memory(), new EndToEnd(), new ListCommandStart(), new Codec(), new SchemaChecks(), new Output(),
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
