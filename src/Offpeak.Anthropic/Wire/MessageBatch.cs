using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Wire;

/// <summary>The fields of a batch that we use, read without trust in their types.</summary>
internal sealed record MessageBatch(
    string? Id, string? Status, DateTimeOffset? CreatedAt, RequestCounts? Counts, bool HasResults, bool CancelWasAsked)
{
    /// <summary>Only three words exist, and <c>ended</c> alone is final; the counts say why it ended.</summary>
    public ProviderBatchState State => Status switch
    {
        "ended" when CancelWasAsked && Counts?.Canceled > 0 => ProviderBatchState.Canceled,
        "ended" when Counts?.Expired > 0 => ProviderBatchState.Expired,
        "ended" => ProviderBatchState.Ended,
        _ => ProviderBatchState.Running,
    };

    public bool StatusIsKnown => Status is "in_progress" or "canceling" or "ended";

    /// <summary>Reads a batch; null if the bytes are no JSON object.</summary>
    public static MessageBatch? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    public static MessageBatch From(JsonElement batch) => new(
        batch.Text("id"),
        batch.Text("processing_status"),
        batch.Moment("created_at"),
        RequestCounts.From(batch),
        batch.Text("results_url") is not null,
        batch.Text("cancel_initiated_at") is not null);
}
