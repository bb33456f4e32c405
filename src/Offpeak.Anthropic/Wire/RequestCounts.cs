using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Wire;

/// <summary>
/// Counts of a batch. All requests stay in processing until the whole batch has ended; the sum is always the total (Anthropic API
/// reference, Message Batches, request_counts).
/// </summary>
internal sealed record RequestCounts(int Processing, int Succeeded, int Errored, int Canceled, int Expired)
{
    public int Total => Processing + Succeeded + Errored + Canceled + Expired;

    /// <summary>Reads the counts; null if there are none.</summary>
    public static RequestCounts? From(JsonElement batch) => batch.Child("request_counts") is { ValueKind: JsonValueKind.Object } counts
        ? new(Count(counts, "processing"), Count(counts, "succeeded"), Count(counts, "errored"), Count(counts, "canceled"), Count(counts, "expired"))
        : null;

    public ProviderCounts ToProviderCounts() => new(Total, Succeeded, Errored);

    private static int Count(JsonElement counts, string name) => counts.WholeNumber(name) ?? 0;
}
