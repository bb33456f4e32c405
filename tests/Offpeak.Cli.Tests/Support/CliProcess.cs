using System.Diagnostics;
using System.Text;

namespace Offpeak.Cli.Tests.Support;

/// <summary>The real program as a child process.</summary>
public sealed class CliProcess : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Offpeak.Cli.dll");

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process process;
    private readonly Output standardOutput = new();
    private readonly Output standardError = new();

    private CliProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => standardOutput.Add(line.Data);
        process.ErrorDataReceived += (_, line) => standardError.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public string Error => standardError.Text;

    public string Out => standardOutput.Text;

    /// <summary>Starts a command line; a shell's <c>exec</c> keeps the process id that signals are sent to.</summary>
    public static CliProcess Start(string file, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string?> environment, string? input)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = new CliProcess(Process.Start(start)!);
        process.process.StandardInput.Write(input);
        process.process.StandardInput.Close();
        return process;
    }

    public async Task<CliResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The program did not end.\n{Error}\n{Out}");
        }

        return new CliResult(process.ExitCode, Out, Error);
    }

    /// <summary>Waits until the program has said something on standard error.</summary>
    public Task SaysAsync(string text) => Wait.UntilAsync(() => Error.Contains(text, StringComparison.Ordinal) || HasEnded(text));

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Kills it without a chance to clean up.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private bool HasEnded(string awaited) =>
        process.HasExited ? throw new InvalidOperationException($"It ended without saying '{awaited}':\n{Error}\n{Out}") : false;

    private sealed class Output
    {
        private readonly StringBuilder text = new();

        public string Text
        {
            get
            {
                lock (text)
                    return text.ToString();
            }
        }

        public void Add(string? line)
        {
            lock (text)
                text.Append(line is null ? "" : line + "\n");
        }
    }
}
