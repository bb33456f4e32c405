using System.Diagnostics;

namespace Offpeak.CrashTests.Worker;

/// <summary>Kills this process, for good and without warning, when a point has been reached often enough.</summary>
internal sealed class CrashSwitch
{
    private const string AnyPoint = "Any";

    private readonly string? point;
    private int left;

    public CrashSwitch(WorkerSettings settings)
    {
        var parts = (settings.KillAt ?? "").Split(':');
        point = settings.KillAt is null ? null : parts[0];
        left = parts.Length > 1 ? int.Parse(parts[1]) : 1;
    }

    public void Reached<TPoint>(TPoint reached)
        where TPoint : struct, Enum
    {
        if (point is null || (point != AnyPoint && point != reached.ToString()) || Interlocked.Decrement(ref left) != 0)
            return;
        // SIGKILL, so that no finally block, no shutdown hook and no flush runs.
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
