namespace Offpeak.Testing;

internal enum BatchStatus
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

internal static class BatchStatusNames
{
    public static bool IsTerminal(this BatchStatus status) =>
        status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired or BatchStatus.Cancelled;

    public static string Name(this BatchStatus status) =>
        status == BatchStatus.InProgress ? "in_progress" : status.ToString().ToLowerInvariant();
}
