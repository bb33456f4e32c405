using System.Text.Json.Nodes;

namespace Offpeak.Testing.Dialects;

/// <summary>Mistral API reference: the batch job object.</summary>
internal static class MistralJob
{
    public static JsonObject Render(BatchView view)
    {
        var (order, files) = (view.Batch.Order, view.Files);
        return new JsonObject
        {
            ["id"] = view.Batch.Id,
            ["object"] = "batch",
            ["input_files"] = new JsonArray(order.InputFileId),
            ["metadata"] = order.Metadata is { } pairs
                ? new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)))
                : null,
            ["endpoint"] = order.Endpoint,
            ["model"] = order.DefaultModel,
            ["agent_id"] = null,
            ["output_file"] = files.OutputFileId,
            ["error_file"] = files.ErrorFileId,
            ["errors"] = new JsonArray([.. view.Problems.Select(problem => new JsonObject { ["message"] = problem.Message, ["count"] = 1 })]),
            ["outputs"] = null,
            ["status"] = StatusOf(view.State.Status),
            ["created_at"] = view.Batch.CreatedAt.ToUnixTimeSeconds(),
            ["total_requests"] = view.Total,
            ["completed_requests"] = view.Completed + view.Failed,
            ["succeeded_requests"] = view.Completed,
            ["failed_requests"] = view.Failed,
            ["started_at"] = view.State.InProgressAt?.ToUnixTimeSeconds(),
            ["completed_at"] = view.State.EndedAt?.ToUnixTimeSeconds(),
        };
    }

    private static string StatusOf(BatchPhase status) => status switch
    {
        BatchPhase.Validating => "QUEUED",
        BatchPhase.InProgress or BatchPhase.Finalizing => "RUNNING",
        BatchPhase.Completed => "SUCCESS",
        BatchPhase.Expired => "TIMEOUT_EXCEEDED",
        BatchPhase.Cancelling => "CANCELLATION_REQUESTED",
        _ => status.ToString().ToUpperInvariant(),
    };
}
