using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>OpenAI's words for the state of a batch (OpenAI API reference, Batch object), in any case and both spellings.</summary>
internal static class BatchStatus
{
    /// <summary>The state a word stands for; a word that is not known counts as running.</summary>
    public static (ProviderBatchState State, bool IsKnown) Read(string? status) => Normalize(status) switch
    {
        "validating" or "inprogress" or "finalizing" or "cancelling" or "canceling" => (ProviderBatchState.Running, true),
        "completed" => (ProviderBatchState.Ended, true),
        "expired" => (ProviderBatchState.Expired, true),
        "cancelled" or "canceled" => (ProviderBatchState.Canceled, true),
        "failed" => (ProviderBatchState.Failed, true),
        _ => (ProviderBatchState.Running, false),
    };

    private static string Normalize(string? status) => string.Concat((status ?? "").Where(char.IsLetter)).ToLowerInvariant();
}
