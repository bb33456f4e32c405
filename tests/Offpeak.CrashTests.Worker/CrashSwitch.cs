using System.Runtime.InteropServices;

namespace Offpeak.CrashTests.Worker;

/// <summary>Kills this process, for good and without warning, or suspends it, when a point has been reached often enough.</summary>
internal sealed class CrashSwitch
{
    private const string AnyPoint = "Any";
    private const int SigKill = 9;
    private const int SigStop = 19;

    private readonly string? point;
    private readonly int signal;
    private int left;
    private int verbs;
    private volatile bool isStopping;

    public CrashSwitch(WorkerSettings settings)
    {
        signal = settings.KillAt is null ? SigStop : SigKill;
        var parts = (settings.KillAt ?? settings.StopAt)?.Split(':');
        point = parts?[0];
        left = parts?.Length > 1 ? int.Parse(parts[1]) : 1;
    }

    public void Reached<TPoint>(TPoint reached)
        where TPoint : struct, Enum => Reached(reached.ToString());

    public void Reached(string reached)
    {
        if (point is null || (point != AnyPoint && point != reached) || Interlocked.Decrement(ref left) != 0)
            return;

        if (signal == SigStop)
            HoldVerbs();

        // A signal, so that no finally block, no shutdown hook and no flush runs; to this thread, so that it is the first to go no further.
        _ = Raise(signal);
        isStopping = false;
    }

    /// <summary>A verb of the store begins.</summary>
    public void Enter()
    {
        for (var wait = default(SpinWait); ; wait.SpinOnce())
        {
            Interlocked.Increment(ref verbs);
            if (!isStopping)
                return;

            Interlocked.Decrement(ref verbs);
        }
    }

    /// <summary>A verb of the store has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref verbs);

    // A process that is suspended in the middle of a transaction keeps the lock of its database, and all others wait for it.
    private void HoldVerbs()
    {
        isStopping = true;
        SpinWait.SpinUntil(() => Volatile.Read(ref verbs) == 0);
    }

    [DllImport("libc", EntryPoint = "raise")]
    private static extern int Raise(int signal);
}
