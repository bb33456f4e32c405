using System.Text.Json.Nodes;

namespace Offpeak.Testing.XAI;

/// <summary>xAI API reference: the batch object. Times are days.</summary>
internal static class XAIBatchJson
{
    private const int RetentionDays = 30;

    public static JsonObject Render(XAIView view)
    {
        var batch = view.Batch;
        var json = new JsonObject
        {
            ["batch_id"] = batch.Id,
            ["name"] = batch.Name,
            ["create_time"] = Day(batch.CreatedAt),
            ["expire_time"] = Day(batch.CreatedAt.AddDays(RetentionDays)),
            ["create_api_key_id"] = "00000000-0000-4000-8000-000000000000",
            ["cancel_time"] = view.CancelledAt is { } cancelled ? Day(cancelled) : null,
            ["cancel_by_xai_message"] = view.Refusal,
            ["state"] = new JsonObject
            {
                ["num_requests"] = view.Entries.Count,
                ["num_pending"] = view.Count(XAIFate.Pending),
                ["num_success"] = view.Count(XAIFate.Succeeded),
                ["num_error"] = view.Count(XAIFate.Failed) + view.Count(XAIFate.TimedOut),
                ["num_cancelled"] = view.Count(XAIFate.Cancelled),
            },
        };
        if (batch.InputFileId is { } file)
            json["input_file_id"] = file;
        return json;
    }

    public static JsonObject RenderRequest(XAIEntry entry, XAIFate fate) => new()
    {
        ["batch_request_id"] = entry.Id,
        ["endpoint"] = entry.Kind,
        ["model"] = entry.Model,
        ["state"] = fate switch
        {
            XAIFate.TimedOut => "failed",
            _ => fate.ToString().ToLowerInvariant(),
        },
        ["create_time"] = Day(entry.AddedAt),
        ["finish_time"] = null,
    };

    private static string Day(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd");
}
