using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>
/// OpenAI's words for the state of a batch (OpenAI API reference, Batch object), in any case and both spellings, and Mistral's for a job
/// (Mistral API reference, Batch, Job).
/// </summary>
internal static class StatusWords
{
    /// <summary>The state a word stands for; a word that is not known counts as running.</summary>
    public static (ProviderBatchState State, bool IsKnown) Read(string? status) => Normalize(status) switch
    {
        "validating" or "inprogress" or "finalizing" or "cancelling" or "canceling"
            or "queued" or "running" or "cancellationrequested" => (ProviderBatchState.Running, true),
        "completed" or "success" => (ProviderBatchState.Ended, true),
        "expired" or "timeoutexceeded" => (ProviderBatchState.Expired, true),
        "cancelled" or "canceled" => (ProviderBatchState.Canceled, true),
        "failed" => (ProviderBatchState.Failed, true),
        _ => (ProviderBatchState.Running, false),
    };

    private static string Normalize(string? status) => string.Concat((status ?? "").Where(char.IsLetter)).ToLowerInvariant();
}
