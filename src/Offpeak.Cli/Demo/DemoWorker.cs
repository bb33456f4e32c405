using System.Diagnostics;
using Offpeak.Testing;

namespace Offpeak.Cli.Demo;

/// <summary>The demo's worker: this program again, in a process of its own that can be killed.</summary>
internal sealed class DemoWorker(IReadOnlyList<string> arguments, EmulatorServer emulator) : IDisposable
{
    private Process? process;
    private string lastWords = "";

    public int ProcessId => process!.Id;

    public void Start()
    {
        process?.Dispose();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true, RedirectStandardOutput = true };
        // Under "dotnet offpeak.dll" the running program is dotnet itself and needs to be told the assembly.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);

        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        start.Environment["OPENAI_BASE_URL"] = emulator.OpenAIBaseUrl.ToString();
        start.Environment["OPENAI_API_KEY"] = "demo";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => lastWords = line.Data ?? lastWords;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Does nothing unless the worker has given up by itself.</summary>
    /// <exception cref="OffpeakException">It has; the message is its own.</exception>
    public void ThrowIfFailed()
    {
        if (process is { HasExited: true, ExitCode: not ExitCodes.Success })
            throw new OffpeakException(OffpeakErrorCode.InvalidState, $"The demo's worker stopped with exit code {process.ExitCode}: {lastWords}");
    }

    /// <summary>Kills it without a chance to clean up.</summary>
    /// <returns>Its process id.</returns>
    public int Kill()
    {
        process!.Kill();
        process.WaitForExit();
        return process.Id;
    }

    public Task WaitAsync(CancellationToken ct) => process!.WaitForExitAsync(ct);

    public void Dispose()
    {
        if (process is { HasExited: false })
            process.Kill();
        process?.Dispose();
    }
}
