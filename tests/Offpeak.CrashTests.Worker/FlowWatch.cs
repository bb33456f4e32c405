using Offpeak.Diagnostics;

namespace Offpeak.CrashTests.Worker;

/// <summary>What happens when the flow reaches a point: the rival strikes, or the process dies.</summary>
internal static class FlowWatch
{
    public static FlowProbe Probe(WorkerSettings settings, CrashSwitch crash)
    {
        var rivals = 1;
        return new FlowProbe
        {
            OnReached = point =>
            {
                if (settings.RivalAt == point.ToString() && Interlocked.Exchange(ref rivals, 0) == 1)
                    Observation.TakeOver(settings);
                crash.Reached(point);
            },
        };
    }
}
