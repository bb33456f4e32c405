using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>The fields of a batch that we use, read without trust in their types.</summary>
internal sealed record OpenAIBatch(
    string? Id, string? Status, string? InputFileId, string? OutputFileId, string? ErrorFileId,
    DateTimeOffset? CreatedAt, string? Model, string? SubmissionKey, ProviderCounts? Counts, BatchError? Error)
{
    /// <summary>Reads a batch; null if the bytes are no JSON object. A <c>job</c> wrapper, as Together sends on create, is opened.</summary>
    public static OpenAIBatch? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, root =>
        From(root.Child("id") is null && root.Child("job") is { ValueKind: JsonValueKind.Object } job ? job : root));

    public static OpenAIBatch From(JsonElement batch) => new(
        batch.Text("id"),
        batch.Text("status"),
        batch.Text("input_file_id") ?? FirstOf(batch.Child("input_files")),
        batch.Text("output_file_id") ?? batch.Text("output_file"),
        batch.Text("error_file_id") ?? batch.Text("error_file"),
        batch.Moment("created_at"),
        batch.Text("model") ?? batch.Text("model_id"),
        batch.Child("metadata")?.Text(Providers.SubmissionKey.MetadataName),
        ReadCounts(batch),
        BatchError.From(batch));

    /// <summary>Mistral counts in the job itself, and from zero until it has read the file.</summary>
    private static ProviderCounts? ReadCounts(JsonElement batch)
    {
        if (batch.Child("request_counts") is { ValueKind: JsonValueKind.Object } counts)
            return new(counts.WholeNumber("total"), counts.WholeNumber("completed"), counts.WholeNumber("failed"));
        return batch.WholeNumber("total_requests") is { } total and > 0
            ? new(total, batch.WholeNumber("succeeded_requests"), batch.WholeNumber("failed_requests"))
            : null;
    }

    private static string? FirstOf(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } items && items.GetArrayLength() > 0 ? items[0].AsText() : null;
}
