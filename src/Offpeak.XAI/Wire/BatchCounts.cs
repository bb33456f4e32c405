using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.XAI.Wire;

/// <summary>The counts that stand for a state; all are zero before xAI has read the file, and after it has refused it.</summary>
internal readonly record struct BatchCounts(int Total, int Pending, int Succeeded, int Failed, int Cancelled)
{
    public static BatchCounts From(JsonElement? state) => state is { } counts
        ? new(
            counts.WholeNumber("num_requests") ?? 0, counts.WholeNumber("num_pending") ?? 0, counts.WholeNumber("num_success") ?? 0, counts.WholeNumber("num_error") ?? 0,
            counts.WholeNumber("num_cancelled") ?? 0)
        : default;
}
