namespace Offpeak.Testing;

/// <summary>An end other than the natural one, scripted when the batch was made.</summary>
/// <param name="Status">Expired, cancelled or failed.</param>
/// <param name="Fraction">Share of the requests that still gets done; null on a failure means: failed validation, nothing ran.</param>
/// <param name="Problem">The reason shown for a failure.</param>
internal sealed record BatchEnding(BatchStatus Status, double? Fraction, LineProblem? Problem)
{
    public bool FailsValidation => Status == BatchStatus.Failed && Fraction is null;

    /// <exception cref="ArgumentException">No batch ends in that status, or not by a fault.</exception>
    public static BatchEnding From(Fault fault) => new(
        fault.Status switch
        {
            "expired" => BatchStatus.Expired,
            "cancelled" => BatchStatus.Cancelled,
            "failed" => BatchStatus.Failed,
            _ => throw new ArgumentException($"A batch cannot end as '{fault.Status}'.", nameof(fault)),
        },
        fault.Fraction,
        fault.Status == "failed" ? new LineProblem(fault.Code ?? "server_error", fault.Message ?? "The batch failed.") : null);
}
