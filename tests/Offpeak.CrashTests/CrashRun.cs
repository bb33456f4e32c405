using System.Diagnostics;
using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>One run: a provider, a database, and one life of a worker after another until the batch is finished and handled.</summary>
internal sealed class CrashRun : IAsyncDisposable
{
    /// <summary>Far more than any life needs, even where forty processes share a core; a life that takes longer has hung.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // In memory where the system has such a folder: a killed process loses nothing that the kernel has, so a disk would only cost time.
    private static readonly string Root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private static readonly Dictionary<string, string> Usual = new()
    {
        ["PollSchedule"] = "150ms",
        ["PollGrace"] = "00:00:00.500",
        ["ResumeInterval"] = "00:00:00.700",
        ["ReconcileInterval"] = "00:00:00.400",
        ["ReconcileVisibilityWindow"] = "00:00:01",
        ["SubmitInterval"] = "00:00:00.400",
        ["ExpireInterval"] = "00:00:00.500",
        ["CleanUpInterval"] = "00:00:00.500",
        ["IngestChunkSize"] = "2",
    };

    private readonly Scenario scenario;
    private readonly string folder;
    private readonly List<WorkerProcess> workers = [];

    private CrashRun(Scenario scenario, Provider provider, RunDatabase database, string folder)
    {
        this.scenario = scenario;
        this.folder = folder;
        Provider = provider;
        Database = database;
    }

    public Provider Provider { get; }

    public RunDatabase Database { get; }

    /// <summary>What the scenario tells its workers.</summary>
    public WorkerSettings Worker => scenario.Worker;

    /// <summary>A file that workers can be told to wait for.</summary>
    public string Gate => Path.Combine(folder, "gate");

    public string OutsideFile => Path.Combine(folder, "outside.txt");

    /// <summary>How long the last life took from its start to the end of the batch.</summary>
    public TimeSpan Recovery { get; private set; }

    public static async Task<CrashRun> BeginAsync(Scenario scenario)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, $"offpeak-crash-{Guid.NewGuid():N}")).FullName;
        return new CrashRun(scenario, await Provider.StartAsync(scenario), await RunDatabase.CreateAsync(scenario.Store, folder), folder);
    }

    /// <summary>A run in which one life after another dies at a point, and the last one must bring the batch to its end.</summary>
    public static async Task SurviveAsync(Scenario scenario, string deaths)
    {
        await using var run = await BeginAsync(scenario);
        var points = deaths.Split(' ');
        foreach (var point in points)
            await run.DieAtAsync(point);

        await run.FinishAsync();
        run.Check();
        RunLog.Add($"{scenario.Worker.Provider} {deaths}", points.Length, run.Recovery);
    }

    /// <summary>Starts a worker.</summary>
    /// <param name="worker">What it is told: the scenario's <see cref="Worker"/> with changes.</param>
    /// <param name="extra">Settings of the engine for this life only.</param>
    public WorkerProcess Start(WorkerSettings worker, params IEnumerable<(string Name, string Value)> extra)
    {
        var environment = Surroundings();
        foreach (var (name, value) in extra)
            environment[$"Offpeak__{name}"] = value;

        var process = WorkerProcess.Start(
            worker with { Store = Database.Store, Database = Database.Address, OutsideFile = OutsideFile }, environment);
        workers.Add(process);
        return process;
    }

    // A batch that was handled is being deleted, or is gone; it must not be made anew.
    private bool Submits => !Worker.Purges || !File.Exists(OutsideFile);

    /// <summary>A life that ends at a point; it is an error if it never gets there.</summary>
    public async Task DieAtAsync(string point)
    {
        await using var worker = Start(Worker with { KillAt = point, Submits = Submits });
        await InTimeAsync(worker.EndsAsync);
        if (worker.ExitCode != WorkerProcess.Killed)
            Assert.Fail($"{point} was never reached; the worker ended with exit code {worker.ExitCode}.\n{Story()}");
    }

    /// <summary>A life that nothing disturbs: it must bring the batch to its end.</summary>
    public async Task FinishAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await using var worker = Start(Worker with { RivalAt = null, Submits = Submits });
        await InTimeAsync(worker.EndsAsync);
        Recovery = Stopwatch.GetElapsedTime(started);
        if (worker.ExitCode != 0 || !worker.HasSaid(WorkerWords.Done))
            Assert.Fail($"The last life ended with exit code {worker.ExitCode} before the batch was done.\n{Story()}");
    }

    public void Check()
    {
        var problems = new Verdict(this, scenario).Problems();
        if (problems.Count > 0)
            Assert.Fail(string.Join('\n', problems) + "\n" + Story());
    }

    public async Task InTimeAsync(Func<CancellationToken, Task> wait, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience, TimeProvider.System);
        try
        {
            await wait(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            Assert.Fail($"Nothing came of it within {patience ?? Patience}.\n{Story()}");
        }
    }

    /// <summary>What every life said, for the report of a failed run.</summary>
    public string Story() => string.Join("\n", workers.Select((worker, life) => $"--- life {life + 1}\n{worker.Log}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers)
            await worker.DisposeAsync();

        await Provider.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private Dictionary<string, string> Surroundings()
    {
        var environment = new Dictionary<string, string>
        {
            ["OPENAI_BASE_URL"] = Provider.Emulator.OpenAIBaseUrl.ToString(),
            ["OPENAI_API_KEY"] = "crash",
            ["ANTHROPIC_BASE_URL"] = Provider.Emulator.AnthropicBaseUrl.ToString(),
            ["ANTHROPIC_API_KEY"] = "crash",
            ["GEMINI_BASE_URL"] = Provider.Emulator.GeminiBaseUrl.ToString(),
            ["GEMINI_API_KEY"] = "crash",
            ["XAI_BASE_URL"] = Provider.Emulator.XAIBaseUrl.ToString(),
            ["XAI_API_KEY"] = "crash",
            ["LOCAL_BASE_URL"] = Provider.Emulator.OpenAIBaseUrl.ToString(),
        };
        foreach (var model in (string[])[Workload.Model, Workload.OtherModel])
        {
            foreach (var provider in (string[])["anthropic", "gemini", "local"])
                (environment[$"Offpeak__Prices__{provider}/{model}__Input"], environment[$"Offpeak__Prices__{provider}/{model}__Output"]) = ("1", "1");
        }

        foreach (var (name, value) in Usual.Concat(scenario.Settings))
            environment[$"Offpeak__{name}"] = value;

        return environment;
    }
}
