using System.Collections.Concurrent;
using Offpeak.Diagnostics;

namespace Offpeak.Tests.Fixture;

/// <summary>An error tracker that a test can read.</summary>
internal sealed class RecordingReporter : IErrorReporter
{
    private readonly ConcurrentQueue<ReportedError> reports = new();

    public IReadOnlyList<ReportedError> Reports => [.. reports];

    public void Report(Exception exception, string component, long? batchId) => reports.Enqueue(new ReportedError(exception, component, batchId));
}
