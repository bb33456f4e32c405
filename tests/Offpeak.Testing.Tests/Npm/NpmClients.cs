using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Tests.Npm;

/// <summary>
/// The providers' official JavaScript clients, installed once beside the test's binaries. Used by tests only; without node, npm or a
/// package registry these tests are skipped, and CI does not accept skipped tests.
/// </summary>
public sealed class NpmClients : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Npm");
    private static readonly string Stamp = Path.Combine(Folder, "node_modules", ".installed");

    private string? problem;

    /// <summary>Batches end as soon as somebody looks, so that a script never waits.</summary>
    public static EmulatorOptions Instant { get; } = new()
    {
        ValidatingDuration = TimeSpan.Zero,
        BatchDuration = TimeSpan.Zero,
        FinalizingDuration = TimeSpan.Zero,
    };

    public static IReadOnlyList<string> Texts(JsonNode? list) => [.. list!.AsArray().Select(item => (string)item!)];

    public async ValueTask InitializeAsync()
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(Folder, "package.json"));
        if (File.Exists(Stamp) && await File.ReadAllTextAsync(Stamp) == wanted)
            return;
        try
        {
            var (exitCode, _, error) = await StartAsync(
                "npm", "install", "--no-package-lock", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error");
            if (exitCode == 0)
                await File.WriteAllTextAsync(Stamp, wanted);
            else
                problem = $"npm install failed with exit code {exitCode}: {error}";
        }
        catch (Win32Exception)
        {
            problem = "npm is not installed.";
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs one of the scripts against a base URL and returns what it printed.</summary>
    public async Task<JsonNode> RunAsync(string script, Uri baseUrl, string verb)
    {
        Assert.SkipWhen(problem is not null, problem ?? "");
        var (exitCode, output, error) = await StartAsync("node", script, baseUrl.ToString().TrimEnd('/'), verb);
        Assert.True(exitCode == 0, $"{script} {verb} ended with {exitCode}: {error}");
        return JsonNode.Parse(output)!;
    }

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A client must take neither its address nor its key from the developer's environment.
        foreach (var name in start.Environment.Keys.Where(IsClientSetting).ToList())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private static bool IsClientSetting(string name) =>
        name.StartsWith("OPENAI_", StringComparison.Ordinal) || name.StartsWith("ANTHROPIC_", StringComparison.Ordinal)
        || name.StartsWith("GEMINI_", StringComparison.Ordinal) || name.StartsWith("GOOGLE_", StringComparison.Ordinal);
}
