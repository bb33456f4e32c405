namespace Offpeak.Batches;

/// <summary>Entries of a batch by status.</summary>
/// <param name="Pending">Waiting for a round.</param>
/// <param name="Submitted">With a provider.</param>
/// <param name="Succeeded">Answered.</param>
/// <param name="Failed">Refused for good.</param>
/// <param name="Canceled">Cancelled.</param>
/// <param name="Expired">Never answered in time.</param>
public sealed record EntryCounts(int Pending, int Submitted, int Succeeded, int Failed, int Canceled, int Expired)
{
    /// <summary>All entries.</summary>
    public int Total => Pending + Submitted + Succeeded + Failed + Canceled + Expired;
}
