namespace Offpeak.Benchmarks.Reporting;

internal enum Unit
{
    /// <summary>To be high.</summary>
    PerSecond,

    /// <summary>To be low, as all that follow.</summary>
    Seconds,

    Megabytes,

    Microseconds,

    Count,
}
