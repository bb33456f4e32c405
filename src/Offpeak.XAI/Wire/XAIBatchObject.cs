using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.XAI.Wire;

/// <summary>The fields of a batch that we use, read without trust in their types (xAI API reference, Batches).</summary>
internal sealed record XAIBatchObject(
    string? Id, string? Name, string? InputFileId, string? CancelMessage, bool IsCancelled,
    DateTimeOffset? CreatedAt, DateTimeOffset? ExpiresAt, BatchCounts Counts)
{
    /// <summary>Whether xAI gave the batch up itself, or somebody cancelled it: nothing can be added to it any more.</summary>
    public bool IsDead => CancelMessage is not null || IsCancelled;

    /// <summary>Whether xAI gave it up because the account's queue was full, so that the same entries may be sent again.</summary>
    public bool IsOverCapacity => CancelMessage is { } message
        && (OpenAIErrorWords.MeansCapacity(code: null, message) || message.Contains("capacity", StringComparison.OrdinalIgnoreCase)
            || message.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || message.Contains("quota", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a file filled it; nothing can be added to such a batch, and nothing is missing in it.</summary>
    public bool IsSealed => InputFileId is not null;

    /// <summary>Reads a batch; null if the bytes are no JSON object.</summary>
    public static XAIBatchObject? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    public static XAIBatchObject From(JsonElement batch) => new(
        batch.Text("batch_id") ?? batch.Text("id"),
        batch.Text("name"),
        batch.Text("input_file_id"),
        batch.Text("cancel_by_xai_message"),
        batch.Text("cancel_time") is not null,
        batch.Moment("create_time") ?? batch.Moment("created_at"),
        batch.Moment("expire_time") ?? batch.Moment("expires_at"),
        BatchCounts.From(batch.Child("state")));

    /// <summary>A created batch may be dated without a time of day, so only days are compared.</summary>
    public bool IsFrom(DateTimeOffset notBefore) => CreatedAt is not { } created || created.UtcDateTime.Date >= notBefore.UtcDateTime.Date;

    /// <summary>What an engine counts: cancelled requests have not succeeded.</summary>
    public ProviderCounts ToCounts() => new(Counts.Total, Counts.Succeeded, Counts.Failed + Counts.Cancelled);
}
