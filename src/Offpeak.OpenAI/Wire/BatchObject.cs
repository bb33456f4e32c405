using System.Text.Json;
using Offpeak.Codec.Json;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Wire;

/// <summary>The fields of a batch that we use, read without trust in their types.</summary>
internal sealed record BatchObject(
    string? Id, string? Status, string? InputFileId, string? OutputFileId, string? ErrorFileId,
    DateTimeOffset? CreatedAt, string? SubmissionKey, ProviderCounts? Counts, BatchError? Error)
{
    /// <summary>Reads a batch; null if the bytes are no JSON object. A <c>job</c> wrapper, as Together sends on create, is opened.</summary>
    public static BatchObject? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            return From(root.Child("id") is null && root.Child("job") is { ValueKind: JsonValueKind.Object } job ? job : root);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static BatchObject From(JsonElement batch) => new(
        batch.Text("id"),
        batch.Text("status"),
        batch.Text("input_file_id"),
        batch.Text("output_file_id"),
        batch.Text("error_file_id"),
        batch.Moment("created_at"),
        batch.Child("metadata")?.Text(Providers.SubmissionKey.MetadataName),
        ReadCounts(batch),
        BatchError.From(batch));

    private static ProviderCounts? ReadCounts(JsonElement batch) => batch.Child("request_counts") is { ValueKind: JsonValueKind.Object } counts
        ? new(counts.Int("total"), counts.Int("completed"), counts.Int("failed"))
        : null;
}
