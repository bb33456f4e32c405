using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Offpeak.Diagnostics;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Sweeps;

/// <summary>What stands in for an error tracker when the host names none.</summary>
public sealed class DefaultErrorReporterTests
{
    [Fact]
    public void Report_logs_component_batch_and_exception()
    {
        using var logs = new LogSink();
        var error = new InvalidOperationException("broken");

        Reporter(logs).Report(error, "resume_stalled_polls", 7);

        var line = Assert.Single(logs.At(LogLevel.Error));
        Assert.Equal("resume_stalled_polls failed for batch 7.", line.Text);
        Assert.Same(error, line.Exception);
    }

    [Fact]
    public void Report_adds_an_exception_event_with_component_and_batch_to_the_current_activity()
    {
        using var logs = new LogSink();
        using var activity = new Activity("sweep").Start();

        Reporter(logs).Report(new InvalidOperationException("broken"), "resume_stalled_polls", 7);

        var added = Assert.Single(activity.Events);
        var tags = added.Tags.ToDictionary(tag => tag.Key, tag => tag.Value);
        Assert.Equal("exception", added.Name);
        Assert.Equal("resume_stalled_polls", tags["offpeak.component"]);
        Assert.Equal(7L, tags["offpeak.batch_id"]);
        Assert.Equal("broken", tags["exception.message"]);
    }

    [Fact]
    public void Report_without_an_activity_only_logs()
    {
        using var logs = new LogSink();

        Reporter(logs).Report(new InvalidOperationException("broken"), "sweep", batchId: null);

        Assert.Single(logs.Lines);
    }

    private static LogErrorReporter Reporter(LogSink logs) =>
        new(LoggerFactory.Create(logging => logging.AddProvider(logs)).CreateLogger<LogErrorReporter>());
}
