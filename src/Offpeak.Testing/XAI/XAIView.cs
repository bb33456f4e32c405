namespace Offpeak.Testing.XAI;

/// <summary>A batch as a client may see it now.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Entries">Its requests, oldest first; empty while nobody may know of them.</param>
/// <param name="Fates">What has become of each request.</param>
/// <param name="CancelledAt">When somebody, or a fault, cancelled it.</param>
/// <param name="Refusal">Why xAI gave it up itself.</param>
internal sealed record XAIView(
    XAIBatch Batch, IReadOnlyList<XAIEntry> Entries, IReadOnlyList<XAIFate> Fates, DateTimeOffset? CancelledAt, string? Refusal)
{
    public int Count(XAIFate fate) => Fates.Count(item => item == fate);

    /// <summary>The words that OpenAI has for such a state, which faults match; xAI has none.</summary>
    public string Status => Refusal is not null ? "failed"
        : Entries.Count == 0 ? CancelledAt is null ? "validating" : "cancelled"
        : Count(XAIFate.Pending) > 0 ? CancelledAt is null ? "in_progress" : "cancelling"
        : CancelledAt is null ? "completed" : "cancelled";
}

/// <summary>What has become of a request.</summary>
internal enum XAIFate
{
    Pending,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
}
