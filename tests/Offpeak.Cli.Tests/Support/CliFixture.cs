using System.Text.Json;
using Microsoft.Data.Sqlite;
using Offpeak.Testing;

namespace Offpeak.Cli.Tests.Support;

/// <summary>A folder, an emulator and the program between them. Everything goes away with the test.</summary>
public abstract class CliFixture : IAsyncLifetime
{
    protected const string Key = "sk-canarykey0123456789";
    protected const string Model = "openai/gpt-5-nano";

    private readonly List<CliProcess> processes = [];

    protected string Folder { get; } = Directory.CreateTempSubdirectory("offpeak-cli-").FullName;

    protected Dictionary<string, string?> Settings { get; } = new()
    {
        ["OPENAI_API_KEY"] = Key,
        ["OPENAI_BASE_URL"] = null,
        ["OFFPEAK_DB"] = null,
        ["OFFPEAK_LOG"] = null,
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_DbgEnableMiniDump"] = "0",
        ["Offpeak__ReconcileVisibilityWindow"] = "00:00:01",
    };

    protected EmulatorServer Emulator { get; private set; } = null!;

    protected virtual EmulatorOptions EmulatorOptions { get; } = new()
    {
        ValidatingDuration = TimeSpan.FromMilliseconds(50),
        BatchDuration = TimeSpan.FromMilliseconds(200),
        FinalizingDuration = TimeSpan.FromMilliseconds(50),
    };

    public virtual async ValueTask InitializeAsync() => await StartEmulatorAsync(EmulatorOptions);

    public async ValueTask DisposeAsync()
    {
        processes.ForEach(process => process.Dispose());
        await Emulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected async Task StartEmulatorAsync(EmulatorOptions options)
    {
        if (Emulator is not null)
            await Emulator.DisposeAsync();
        Emulator = await EmulatorServer.StartAsync(options);
        Settings["OPENAI_BASE_URL"] = Emulator.OpenAIBaseUrl.ToString();
    }

    protected string PathOf(string name) => Path.Combine(Folder, name);

    protected string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return name;
    }

    /// <summary>A file of so many prompts.</summary>
    protected string WritePrompts(int count = 3, string name = "in.jsonl") => Write(
        name, string.Concat(Enumerable.Range(1, count).Select(n => $"{{\"id\":\"e{n}\",\"prompt\":\"Say {n}.\"}}\n")));

    /// <summary>The command of most tests: the file <c>in.jsonl</c> at a pace fit for a test.</summary>
    protected static string[] Run(params string[] more) => ["run", "in.jsonl", "--model", Model, "--poll", "50ms,100ms", .. more];

    protected CliProcess Start(params string[] arguments) => StartWith(null, arguments);

    protected CliProcess StartWith(string? input, params string[] arguments) =>
        Remember(CliProcess.Start("env", ["--default-signal", "dotnet", CliProcess.Program, .. arguments], Folder, Settings, input));

    /// <summary>Runs a line of shell in which <c>offpeak</c> is the program.</summary>
    protected Task<CliResult> ShellAsync(string line) => Remember(
        CliProcess.Start("bash", ["-c", $"offpeak() {{ dotnet '{CliProcess.Program}' \"$@\"; }}; {line}"], Folder, Settings, null)).WaitAsync();

    protected Task<CliResult> OffpeakAsync(params string[] arguments) => Start(arguments).WaitAsync();

    protected Task<CliResult> OffpeakWithAsync(string input, params string[] arguments) => StartWith(input, arguments).WaitAsync();

    protected List<JsonElement> Results(string name = "in.results.jsonl") =>
        [.. File.ReadLines(PathOf(name)).Select(line => JsonDocument.Parse(line).RootElement)];

    protected long Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathOf("offpeak.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    private CliProcess Remember(CliProcess process)
    {
        processes.Add(process);
        return process;
    }
}
