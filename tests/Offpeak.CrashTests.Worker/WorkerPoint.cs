namespace Offpeak.CrashTests.Worker;

/// <summary>The moments of a run beside those of the flow and of the store: in the user's handler.</summary>
internal enum WorkerPoint
{
    OutsideWritten,
    EffectWritten,
    DispatchMarked,
    EffectCommitted,
}
