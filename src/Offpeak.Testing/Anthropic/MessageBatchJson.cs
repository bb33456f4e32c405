using System.Globalization;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Anthropic;

/// <summary>The message batch with every field that the live API sends. Until its end all requests count as processing.</summary>
internal static class MessageBatchJson
{
    // Results are kept for 29 days after the creation (Anthropic docs: Batch processing).
    private static readonly TimeSpan Kept = TimeSpan.FromDays(29);

    public static bool IsArchived(BatchRecord batch, DateTimeOffset now) => now >= batch.CreatedAt + Kept;

    public static string StatusName(BatchPhase status) =>
        status.IsTerminal() ? "ended" : status == BatchPhase.Cancelling ? "canceling" : "in_progress";

    public static JsonObject Running(BatchRecord batch, BatchMoment state) =>
        Render(batch, state, Counts(batch.Order.Requests ?? 0, 0, 0, 0, 0), resultsUrl: null, archivedAt: null);

    public static JsonObject Ended(BatchView view, string root, DateTimeOffset now)
    {
        var (batch, status) = (view.Batch, view.State.Status);
        var left = view.Total - view.Completed - view.Failed;
        var counts = Counts(
            0, view.Completed, view.Failed + (status == BatchPhase.Failed ? left : 0),
            status == BatchPhase.Cancelled ? left : 0, status is BatchPhase.Cancelled or BatchPhase.Failed ? 0 : left);
        var archived = IsArchived(batch, now);
        return Render(
            batch, view.State, counts,
            archived ? null : $"{root}{AnthropicAnswerer.Endpoint}/batches/{batch.Id}/results",
            archived ? batch.CreatedAt + Kept : null);
    }

    private static JsonObject Render(
        BatchRecord batch, BatchMoment state, JsonObject counts, string? resultsUrl, DateTimeOffset? archivedAt) => new()
        {
            ["id"] = batch.Id,
            ["type"] = "message_batch",
            ["processing_status"] = StatusName(state.Status),
            ["request_counts"] = counts,
            ["ended_at"] = Time(state.EndedAt),
            ["created_at"] = Time(batch.CreatedAt),
            ["expires_at"] = Time(batch.ExpiresAt),
            ["archived_at"] = Time(archivedAt),
            ["cancel_initiated_at"] = Time(state.CancellingAt),
            ["results_url"] = resultsUrl,
        };

    private static JsonObject Counts(int processing, int succeeded, int errored, int canceled, int expired) => new()
    {
        ["processing"] = processing,
        ["succeeded"] = succeeded,
        ["errored"] = errored,
        ["canceled"] = canceled,
        ["expired"] = expired,
    };

    private static string? Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);
}
