using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Offpeak.CrashTests.Worker;

namespace Offpeak.CrashTests;

/// <summary>A worker in a process of its own, which can be killed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>What a process that died by SIGKILL leaves as its exit code.</summary>
    public const int Killed = 128 + 9;

    private const int SigTerm = 15;
    private const int SigCont = 18;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "worker", typeof(WorkerSettings).Assembly.GetName().Name!);

    private readonly Process process;
    private readonly long started = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<string> log = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> words = new();

    private WorkerProcess(ProcessStartInfo start)
    {
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    /// <summary>Everything it has written, for the report of a failed run.</summary>
    public string Log => string.Join('\n', log);

    public bool HasEnded => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>How long it took to start: a measure of how busy the machine is.</summary>
    public TimeSpan StartUp { get; private set; }

    public static WorkerProcess Start(WorkerSettings settings, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in settings.ToArguments())
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var worker = new WorkerProcess(start);
        worker.process.Start();
        worker.process.BeginOutputReadLine();
        worker.process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Waits for a line of its standard output, or for its end.</summary>
    public Task HearsAsync(string word, CancellationToken ct) => Task.WhenAny(WordOf(word).Task, process.WaitForExitAsync(ct));

    public bool HasSaid(string word) => WordOf(word).Task.IsCompleted;

    public Task EndsAsync(CancellationToken ct) => process.WaitForExitAsync(ct);

    /// <summary>Waits until it has suspended itself, or for its end.</summary>
    public async Task IsSuspendedAsync(CancellationToken ct)
    {
        while (!process.HasExited && !IsSuspended())
            await Task.Delay(Glance, TimeProvider.System, ct);
    }

    public void GoOn() => _ = SendSignal(process.Id, SigCont);

    public void Kill() => process.Kill();

    public void Terminate() => _ = SendSignal(process.Id, SigTerm);

    /// <summary>Sees to it that nothing is left running; what it said and its exit code stay readable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
    }

    // The third field of stat, behind the name in brackets.
    private bool IsSuspended()
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Hear(string? line)
    {
        Note(line);
        if (line == WorkerWords.Started)
            StartUp = Stopwatch.GetElapsedTime(started);
        if (line is not null)
            WordOf(line).TrySetResult();
    }

    private void Note(string? line)
    {
        if (line is not null)
            log.Enqueue(line);
    }

    private TaskCompletionSource WordOf(string word) =>
        words.GetOrAdd(word, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}
