using System.Text.Json.Nodes;

namespace Offpeak.Testing.Gemini;

/// <summary>
/// A batch as the long-running operation that Google wraps it into: no <c>done</c> before its end, int64 as text, no zeros, and the results
/// both in <c>metadata.output</c> and in <c>response</c>.
/// </summary>
internal static class OperationJson
{
    private const string Types = "type.googleapis.com/google.ai.generativelanguage.v1main.";

    public static bool HasInlineResults(BatchView view) => HasResults(view) && OrderOf(view).IsInline;

    public static bool HasFile(BatchView view) => HasResults(view) && !OrderOf(view).IsInline;

    public static JsonObject Render(BatchView view, bool isListed)
    {
        var order = OrderOf(view);
        var status = view.State.Status;
        var kind = order.IsEmbedding ? "EmbedContentBatch" : "GenerateContentBatch";
        var output = status == BatchPhase.Completed && !isListed ? Output(view) : null;
        var metadata = new JsonObject
        {
            ["@type"] = Types + kind,
            ["model"] = "models/" + order.Model,
            ["displayName"] = order.DisplayName,
        };
        if (!order.IsInline)
            metadata["inputConfig"] = new JsonObject { ["fileName"] = order.InputFileId };
        if (output is not null)
            metadata["output"] = output.DeepClone();
        metadata["createTime"] = ProtobufJson.Time(view.Batch.CreatedAt);
        if (view.State.EndedAt is { } ended)
            metadata["endTime"] = ProtobufJson.Time(ended);
        metadata["updateTime"] = ProtobufJson.Time(view.State.EndedAt ?? view.Batch.CreatedAt);
        metadata["batchStats"] = Stats(view, order, isListed);
        metadata["state"] = StateOf(status);
        metadata["name"] = "batches/" + view.Batch.Id;
        var operation = new JsonObject { ["name"] = "batches/" + view.Batch.Id, ["metadata"] = metadata };
        if (status.IsTerminal())
            AddEnd(operation, view, output, Types + kind + "Output");
        return operation;
    }

    private static void AddEnd(JsonObject operation, BatchView view, JsonObject? output, string type)
    {
        operation["done"] = true;
        if (ErrorOf(view) is { } error)
            operation["error"] = error;
        if (output is null)
            return;
        output.Insert(0, "@type", type);
        operation["response"] = output;
    }

    private static JsonObject Output(BatchView view)
    {
        if (HasFile(view))
            return new JsonObject { ["responsesFile"] = "files/batch-" + view.Batch.Id };
        var results = new JsonObject();
        if (HasInlineResults(view))
            results["inlinedResponses"] = OperationReply.Placeholder;
        return new JsonObject { ["inlinedResponses"] = results };
    }

    private static JsonObject? ErrorOf(BatchView view) => view.State.Status switch
    {
        BatchPhase.Failed when view.Problems is [{ } problem, ..] => new JsonObject
        {
            ["code"] = RpcCodes.Named(problem.Code, otherwise: 3),
            ["message"] = problem.Line is { } line ? $"Line {line}: {problem.Message}" : problem.Message,
        },
        BatchPhase.Failed => new JsonObject { ["code"] = 13, ["message"] = "Internal error encountered." },
        BatchPhase.Cancelled => new JsonObject { ["code"] = 1, ["message"] = "The operation was cancelled." },
        _ => null,
    };

    /// <summary>The counts stand still until the end, and in the list even longer.</summary>
    private static JsonObject Stats(BatchView view, GeminiOrder order, bool isListed)
    {
        var total = order.IsInline ? order.InlineCount : view.Total;
        return view.State.Status == BatchPhase.Completed && !isListed
            ? ProtobufJson.Count(("requestCount", total), ("successfulRequestCount", view.Completed), ("failedRequestCount", view.Failed))
            : ProtobufJson.Count(("requestCount", total), ("pendingRequestCount", total));
    }

    private static string StateOf(BatchPhase status) => "BATCH_STATE_" + status switch
    {
        BatchPhase.Validating => "PENDING",
        BatchPhase.Completed => "SUCCEEDED",
        BatchPhase.Failed => "FAILED",
        BatchPhase.Expired => "EXPIRED",
        BatchPhase.Cancelled => "CANCELLED",
        _ => "RUNNING",
    };

    /// <summary>Only a batch that succeeded has results (Gemini API guide, Batch API, for the expired ones).</summary>
    private static bool HasResults(BatchView view) => view.State.Status == BatchPhase.Completed && view.Files.OutputFileId is not null;

    private static GeminiOrder OrderOf(BatchView view) => (GeminiOrder)view.Batch.Order;
}
