namespace Offpeak.Diagnostics;

/// <summary>Tells a test that the flow has reached a point. Does nothing in production.</summary>
internal sealed class FlowProbe
{
    public Action<FlowPoint>? OnReached { get; init; }

    public void Reached(FlowPoint point) => OnReached?.Invoke(point);
}
