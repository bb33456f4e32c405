using System.Diagnostics;
using Offpeak.CrashTests.Worker;
using Offpeak.Testing;

namespace Offpeak.CrashTests;

/// <summary>A host told to stop in the middle of something: it ends within its grace, and the next life goes on.</summary>
public sealed class ShutdownTests
{
    private static readonly TimeSpan LongCall = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData(EmulatorOperation.UploadFile, false)]
    [InlineData(EmulatorOperation.UploadFile, true)]
    [InlineData(EmulatorOperation.CreateBatch, false)]
    [InlineData(EmulatorOperation.CreateBatch, true)]
    [InlineData(EmulatorOperation.GetBatch, false)]
    [InlineData(EmulatorOperation.GetBatch, true)]
    [InlineData(EmulatorOperation.DownloadFile, false)]
    [InlineData(EmulatorOperation.DownloadFile, true)]
    public async Task A_call_under_way_is_given_up(EmulatorOperation operation, bool killed)
    {
        var slow = Scenario.Usual with { Faults = [.. Scenario.Usual.Faults, Fault.Delay(operation, LongCall)] };
        await using var run = await CrashRun.BeginAsync(slow);
        await using var worker = run.Start(run.Worker with { Grace = Grace });
        await run.InTimeAsync(ct => ArrivesAsync(run.Provider.Emulator, operation, ct));
        await StopAsync(run, worker, killed);
        await run.FinishAsync();
        run.Check();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_handler_under_way_runs_again(bool isDeaf, bool killed)
    {
        await using var run = await CrashRun.BeginAsync(Scenario.Usual);
        await using var worker = run.Start(run.Worker with { HandlerDelay = LongCall, HandlerIsDeaf = isDeaf, Grace = Grace });
        await run.InTimeAsync(ct => worker.HearsAsync(WorkerWords.Handling, ct));
        await StopAsync(run, worker, killed);
        await run.FinishAsync();
        run.Check();
        Assert.Equal(2, File.ReadAllLines(run.OutsideFile).Length);
    }

    private static async Task StopAsync(CrashRun run, WorkerProcess worker, bool killed)
    {
        var told = Stopwatch.GetTimestamp();
        worker.Terminate();
        if (killed)
        {
            await run.InTimeAsync(ct => worker.HearsAsync(WorkerWords.Stopping, ct));
            worker.Kill();
        }

        await run.InTimeAsync(worker.EndsAsync);
        if (!killed)
        {
            var slack = TimeSpan.FromSeconds(Math.Max(1, worker.StartUp.TotalSeconds));
            Assert.True(Stopwatch.GetElapsedTime(told) < Grace + slack, run.Story());
            Assert.True(worker.ExitCode == 0, run.Story());
        }
    }

    private static async Task ArrivesAsync(EmulatorServer emulator, EmulatorOperation operation, CancellationToken ct)
    {
        while (!emulator.Requests.Any(request => request.Operation == operation))
            await Task.Delay(Glance, TimeProvider.System, ct);
    }
}
