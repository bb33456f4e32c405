using Offpeak.Providers;

namespace Offpeak.Gemini.Wire;

/// <summary>
/// Google's words for the state of a batch. The wire says <c>BATCH_STATE_…</c>, the SDKs and the guide <c>JOB_STATE_…</c>, so only what
/// follows counts.
/// </summary>
internal static class BatchStates
{
    private const string Mark = "STATE_";

    /// <summary>The state of an operation; a word that is not known counts as running.</summary>
    public static (ProviderBatchState State, bool IsKnown) Read(OperationObject operation) =>
        operation.State is { } word ? Read(word) : (WithoutWord(operation), false);

    private static (ProviderBatchState State, bool IsKnown) Read(string word) => Suffix(word) switch
    {
        "PENDING" or "RUNNING" or "QUEUED" or "CANCELLING" or "UPDATING" or "PAUSED" => (ProviderBatchState.Running, true),
        "SUCCEEDED" or "PARTIALLY_SUCCEEDED" => (ProviderBatchState.Ended, true),
        "FAILED" => (ProviderBatchState.Failed, true),
        "CANCELLED" or "CANCELED" => (ProviderBatchState.Canceled, true),
        "EXPIRED" => (ProviderBatchState.Expired, true),
        _ => (ProviderBatchState.Running, false),
    };

    private static ProviderBatchState WithoutWord(OperationObject operation) => operation switch
    {
        { IsDone: false } => ProviderBatchState.Running,
        { Error: null } => ProviderBatchState.Ended,
        { Error.Code: 1 } => ProviderBatchState.Canceled,
        _ => ProviderBatchState.Failed,
    };

    private static string Suffix(string word)
    {
        var upper = word.ToUpperInvariant();
        var at = upper.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? upper : upper[(at + Mark.Length)..];
    }
}
