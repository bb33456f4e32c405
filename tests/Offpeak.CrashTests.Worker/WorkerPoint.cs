namespace Offpeak.CrashTests.Worker;

/// <summary>The moments of a run beside those of the flow: in the user's handler, and while the database is made.</summary>
internal enum WorkerPoint
{
    SchemaStep,
    OutsideWritten,
    EffectWritten,
    DispatchMarked,
    EffectCommitted,
}
