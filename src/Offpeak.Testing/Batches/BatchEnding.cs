namespace Offpeak.Testing;

/// <summary>An end other than the natural one, scripted when the batch was made.</summary>
/// <param name="Status">Expired, cancelled or failed.</param>
/// <param name="Fraction">Share of the requests that still gets done; null on a failure means: failed validation, nothing ran.</param>
/// <param name="Problem">The reason shown for a failure.</param>
internal sealed record BatchEnding(BatchPhase Status, double? Fraction, LineProblem? Problem)
{
    public bool FailsValidation => Status == BatchPhase.Failed && Fraction is null;

    public static BatchEnding From(Fault fault) => new(
        fault.Status switch
        {
            "expired" => BatchPhase.Expired,
            "cancelled" => BatchPhase.Cancelled,
            _ => BatchPhase.Failed,
        },
        fault.Fraction,
        fault.Status == "failed" ? new LineProblem(fault.Code ?? "server_error", fault.Message ?? "The batch failed.") : null);
}
