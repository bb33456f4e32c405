namespace Offpeak.Benchmarks.Reporting;

internal enum Unit
{
    PerSecond,
    Seconds,
    Megabytes,
}
