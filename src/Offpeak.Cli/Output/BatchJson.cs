using System.Text.Json;
using Offpeak.Batches;

namespace Offpeak.Cli.Output;

/// <summary>Batches as JSON for programs.</summary>
internal static class BatchJson
{
    /// <summary>One batch on one line.</summary>
    public static string Line(BatchInfo batch) => JsonLine.Write(json =>
    {
        json.WriteNumber("batch_id", batch.Id);
        json.WriteString("name", batch.Name);
        json.WriteString("model", batch.Model);
        json.WriteString("status", batch.Status.ToName());
        WriteEntries(json, batch);
        json.WriteNumberOrNull("cost_usd", batch.Cost);
        json.WriteString("created_at", batch.CreatedAt);
    });

    /// <summary>The closing object of <c>--json</c>.</summary>
    /// <param name="details">The batch.</param>
    /// <param name="cutOff">How many of the answers were cut off.</param>
    public static string Summary(BatchDetails details, int cutOff) => JsonLine.Write(json =>
    {
        var batch = details.Batch;
        json.WriteNumber("batch_id", batch.Id);
        json.WriteString("status", batch.Status.ToName());
        WriteEntries(json, batch);
        json.WriteNumber("cut_off", cutOff);
        json.WriteNumber("rounds", batch.Round);
        json.WriteStartArray("provider_batches");
        foreach (var shard in details.Shards)
            WriteShard(json, shard);

        json.WriteEndArray();
        json.WriteNumber("doubts", Doubts.Count(details));
        json.WriteNumberOrNull("cost_usd", batch.Cost);
    });

    private static void WriteShard(Utf8JsonWriter json, ShardInfo shard)
    {
        json.WriteStartObject();
        json.WriteNumber("shard_id", shard.ShardId);
        json.WriteString("provider_batch_id", shard.ProviderBatchId);
        json.WriteString("status", shard.Status.ToName());
        json.WriteString("doubt", shard.Doubt);
        json.WriteStartArray("doubles");
        foreach (var id in shard.Doubles)
            json.WriteStringValue(id);

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, BatchInfo batch)
    {
        json.WriteStartObject("entries");
        json.WriteNumber("total", batch.EntryCount);
        json.WriteNumber("succeeded", batch.SucceededCount);
        json.WriteNumber("failed", batch.FailedCount);
        json.WriteNumber("canceled", batch.CanceledCount);
        json.WriteNumber("expired", batch.ExpiredCount);
        json.WriteEndObject();
    }
}
