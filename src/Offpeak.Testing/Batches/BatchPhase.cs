namespace Offpeak.Testing;

internal enum BatchPhase
{
    Validating,
    InProgress,
    Finalizing,
    Completed,
    Failed,
    Expired,
    Cancelling,
    Cancelled,
}

internal static class BatchPhaseNames
{
    public static bool IsTerminal(this BatchPhase status) =>
        status is BatchPhase.Completed or BatchPhase.Failed or BatchPhase.Expired or BatchPhase.Cancelled;

    public static string Name(this BatchPhase status) =>
        status == BatchPhase.InProgress ? "in_progress" : status.ToString().ToLowerInvariant();
}
