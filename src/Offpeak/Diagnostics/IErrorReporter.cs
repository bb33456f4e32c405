namespace Offpeak.Diagnostics;

/// <summary>Where faults go that a person should hear about, for example an error tracker. Must not throw.</summary>
public interface IErrorReporter
{
    /// <summary>Reports a fault.</summary>
    /// <param name="exception">What happened. Holds no key, prompt or response.</param>
    /// <param name="component">The step or sweep, for example <c>resume_stalled_polls</c>.</param>
    /// <param name="batchId">The batch concerned, or null.</param>
    void Report(Exception exception, string component, long? batchId);
}
