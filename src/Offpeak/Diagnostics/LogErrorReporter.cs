using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Offpeak.Diagnostics;

/// <summary>The default reporter: an error in the log and an exception event on the current OpenTelemetry span.</summary>
internal sealed partial class LogErrorReporter(ILogger<LogErrorReporter> logger) : IErrorReporter
{
    public void Report(Exception exception, string component, long? batchId)
    {
        var tags = new TagList { { "offpeak.component", component }, { "offpeak.batch_id", batchId } };
        Activity.Current?.AddException(exception, tags);
        LogFault(logger, exception, component, batchId);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Component} failed for batch {BatchId}.")]
    private static partial void LogFault(ILogger logger, Exception exception, string component, long? batchId);
}
