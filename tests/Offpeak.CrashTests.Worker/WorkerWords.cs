namespace Offpeak.CrashTests.Worker;

/// <summary>The lines a worker writes to its standard output, by which the test follows it.</summary>
internal static class WorkerWords
{
    public const string Ready = "ready";
    public const string Started = "started";
    public const string Submitted = "submitted";
    public const string Handling = "handling";
    public const string Stopping = "stopping";
    public const string Done = "done";
}
