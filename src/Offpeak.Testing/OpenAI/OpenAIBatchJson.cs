using System.Text.Json.Nodes;

namespace Offpeak.Testing.OpenAI;

/// <summary>The Batch object with every field that the live API sends, in its order.</summary>
internal static class OpenAIBatchJson
{
    public static JsonObject Render(BatchView view, ServerFlavor flavor)
    {
        var (batch, state) = (view.Batch, view.State);
        var json = new JsonObject
        {
            ["id"] = batch.Id,
            ["object"] = "batch",
            ["endpoint"] = batch.Order.Endpoint,
            ["model"] = view.Model,
            ["errors"] = Errors(view.Problems),
            ["input_file_id"] = batch.Order.InputFileId,
            ["completion_window"] = batch.Order.CompletionWindow,
            ["status"] = Spell(state.Status.Name(), flavor.Dialect.StatusSpelling),
            ["output_file_id"] = view.Files.OutputFileId,
            ["error_file_id"] = view.Files.ErrorFileId,
            ["created_at"] = Time(batch.CreatedAt, flavor),
            ["in_progress_at"] = Time(state.InProgressAt, flavor),
            ["expires_at"] = Time(batch.ExpiresAt, flavor),
            ["finalizing_at"] = Time(state.FinalizingAt, flavor),
            ["completed_at"] = Time(state.CompletedAt, flavor),
            ["failed_at"] = Time(state.FailedAt, flavor),
            ["expired_at"] = Time(state.ExpiredAt, flavor),
            ["cancelling_at"] = Time(state.CancellingAt, flavor),
            ["cancelled_at"] = Time(state.CancelledAt, flavor),
            ["request_counts"] = new JsonObject { ["total"] = view.Total, ["completed"] = view.Completed, ["failed"] = view.Failed },
            ["usage"] = Usage(view.Usage),
        };
        if (flavor.TakesMetadata)
            json["metadata"] = Metadata(batch.Order.Metadata);
        return json;
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

    private static JsonObject Usage(TokenCounts usage) => new()
    {
        ["input_tokens"] = usage.Input,
        ["output_tokens"] = usage.Output,
        ["total_tokens"] = usage.Total,
        ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
    };

    private static JsonObject? Metadata(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null ? null : new JsonObject(metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static JsonNode? Time(DateTimeOffset? time, ServerFlavor flavor) => time is not { } moment ? null
        : flavor.HasIsoTimes ? moment.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'") : moment.ToUnixTimeSeconds();

    private static string Spell(string status, StatusSpelling spelling) => spelling switch
    {
        StatusSpelling.UpperCase => status.ToUpperInvariant(),
        StatusSpelling.TitleCase => char.ToUpperInvariant(status[0]) + status[1..],
        _ => status,
    };
}
