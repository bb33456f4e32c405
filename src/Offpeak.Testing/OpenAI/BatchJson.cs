using System.Text.Json.Nodes;

namespace Offpeak.Testing.OpenAI;

/// <summary>The Batch object with every field that the live API sends, in its order.</summary>
internal static class BatchJson
{
    public static JsonObject Render(BatchView view, StatusSpelling spelling)
    {
        var (batch, state) = (view.Batch, view.State);
        return new JsonObject
        {
            ["id"] = batch.Id,
            ["object"] = "batch",
            ["endpoint"] = batch.Order.Endpoint,
            ["model"] = view.Model,
            ["errors"] = Errors(view.Problems),
            ["input_file_id"] = batch.Order.InputFileId,
            ["completion_window"] = batch.Order.CompletionWindow,
            ["status"] = Spell(state.Status.Name(), spelling),
            ["output_file_id"] = view.Files.OutputFileId,
            ["error_file_id"] = view.Files.ErrorFileId,
            ["created_at"] = Seconds(batch.CreatedAt),
            ["in_progress_at"] = Seconds(state.InProgressAt),
            ["expires_at"] = Seconds(batch.ExpiresAt),
            ["finalizing_at"] = Seconds(state.FinalizingAt),
            ["completed_at"] = Seconds(state.CompletedAt),
            ["failed_at"] = Seconds(state.FailedAt),
            ["expired_at"] = Seconds(state.ExpiredAt),
            ["cancelling_at"] = Seconds(state.CancellingAt),
            ["cancelled_at"] = Seconds(state.CancelledAt),
            ["request_counts"] = new JsonObject { ["total"] = view.Total, ["completed"] = view.Completed, ["failed"] = view.Failed },
            ["usage"] = Usage(view.Usage),
            ["metadata"] = Metadata(batch.Order.Metadata),
        };
    }

    private static JsonObject? Errors(IReadOnlyList<LineProblem> problems) => problems.Count == 0 ? null : new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. problems.Select(problem => new JsonObject
        {
            ["code"] = problem.Code,
            ["message"] = problem.Message,
            ["param"] = problem.Param,
            ["line"] = problem.Line,
        })]),
    };

    private static JsonObject Usage(TokenUsage usage) => new()
    {
        ["input_tokens"] = usage.Input,
        ["output_tokens"] = usage.Output,
        ["total_tokens"] = usage.Total,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
    };

    private static JsonObject? Metadata(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null ? null : new JsonObject(metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static long? Seconds(DateTimeOffset? time) => time?.ToUnixTimeSeconds();

    private static string Spell(string status, StatusSpelling spelling) => spelling switch
    {
        StatusSpelling.UpperCase => status.ToUpperInvariant(),
        StatusSpelling.TitleCase => char.ToUpperInvariant(status[0]) + status[1..],
        _ => status,
    };
}
