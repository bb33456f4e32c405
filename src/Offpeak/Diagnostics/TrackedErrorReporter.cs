namespace Offpeak.Diagnostics;

/// <summary>Reports to the log and to the host's error tracker. A tracker that fails must not stop the sweep that reports to it.</summary>
internal sealed class TrackedErrorReporter(LogErrorReporter log, IErrorReporter tracker) : IErrorReporter
{
    public void Report(Exception exception, string component, long? batchId)
    {
        log.Report(exception, component, batchId);
        try
        {
            tracker.Report(exception, component, batchId);
        }
        catch (Exception fault)
        {
            log.Report(fault, "error_reporter", batchId);
        }
    }
}
