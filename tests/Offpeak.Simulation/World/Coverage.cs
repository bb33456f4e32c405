using Offpeak.Diagnostics;

namespace Offpeak.Simulation.World;

/// <summary>"Sometimes" assertions: counts what a run of seeds has reached. A simulation that never reaches a branch proves nothing about it.</summary>
internal sealed class Coverage
{
    // No simulated user asks for tool loops or a fallback model; Offpeak.Tests has them, with their crashes.
    private static readonly FlowPoint[] NotSimulated = [FlowPoint.TurnWritten, FlowPoint.FallbackBegun];

    private readonly long[] points = new long[Enum.GetValues<FlowPoint>().Length];
    private readonly long[] faults = new long[Enum.GetValues<Fault>().Length];

    public void Count(FlowPoint point) => Interlocked.Increment(ref points[(int)point]);

    public void Count(Fault fault) => Interlocked.Increment(ref faults[(int)fault]);

    public List<string> NeverReached() =>
    [
        .. Enum.GetValues<FlowPoint>().Except(NotSimulated).Where(point => points[(int)point] == 0).Select(point => $"flow point {point}"),
        .. Enum.GetValues<Fault>().Where(fault => faults[(int)fault] == 0).Select(fault => $"fault {fault}"),
    ];

    public override string ToString() => string.Join(
        ", ",
        Enum.GetValues<FlowPoint>().Select(point => $"{point} {points[(int)point]}")
            .Concat(Enum.GetValues<Fault>().Select(fault => $"{fault} {faults[(int)fault]}")));
}
