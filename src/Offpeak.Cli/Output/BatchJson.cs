using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Cli.Output;

/// <summary>Batches as JSON for programs.</summary>
internal static class BatchJson
{
    public static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One batch on one line.</summary>
    public static string Line(Batch batch) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("batch_id", batch.Id);
        json.WriteString("name", batch.Name);
        json.WriteString("model", batch.FullModel);
        json.WriteString("status", SnakeCaseEnum<BatchStatus>.Name(batch.Status));
        WriteEntries(json, batch);
        WriteCost(json, batch.Cost);
        json.WriteString("created_at", batch.CreatedAt);
        json.WriteEndObject();
    });

    /// <summary>The closing object of <c>--json</c>.</summary>
    public static string Summary(BatchDetails details) => Write(json =>
    {
        var batch = details.Batch;
        json.WriteStartObject();
        json.WriteNumber("batch_id", batch.Id);
        json.WriteString("status", SnakeCaseEnum<BatchStatus>.Name(batch.Status));
        WriteEntries(json, batch);
        json.WriteNumber("rounds", batch.Round);
        json.WriteStartArray("provider_batches");
        foreach (var shard in details.ProviderBatches)
        {
            json.WriteStartObject();
            json.WriteString("provider_batch_id", shard.ProviderBatchId);
            json.WriteString("status", SnakeCaseEnum<ProviderBatchStatus>.Name(shard.Status));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteCost(json, batch.Cost);
        json.WriteEndObject();
    });

    private static void WriteEntries(Utf8JsonWriter json, Batch batch)
    {
        json.WriteStartObject("entries");
        json.WriteNumber("total", batch.EntryCount);
        json.WriteNumber("succeeded", batch.SucceededCount);
        json.WriteNumber("failed", batch.FailedCount);
        json.WriteNumber("canceled", batch.CanceledCount);
        json.WriteNumber("expired", batch.ExpiredCount);
        json.WriteEndObject();
    }

    private static void WriteCost(Utf8JsonWriter json, decimal? cost)
    {
        if (cost is { } known)
            json.WriteNumber("cost_usd", known);
        else
            json.WriteNull("cost_usd");
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
            write(json);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
