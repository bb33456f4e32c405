using System.Text.Json;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.Gemini.Wire;

/// <summary>
/// The fields we use of a batch, which Google wraps into a long-running operation: the batch is its <c>metadata</c> (Gemini API reference,
/// batches). Read without trust in types: int64 comes as text, and zero and false are left out.
/// </summary>
internal sealed record OperationObject(
    string? Name, string? DisplayName, string? State, bool IsDone, DateTimeOffset? CreatedAt, string? InputFile, string? OutputFile,
    ProviderCounts? Counts, OperationError? Error)
{
    /// <summary>Reads an operation; null if the bytes are no JSON object.</summary>
    public static OperationObject? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    public static OperationObject From(JsonElement operation)
    {
        var batch = operation.Child("metadata") ?? operation;
        return new(
            operation.Text("name") ?? batch.Text("name"),
            batch.Text("displayName") ?? batch.Text("display_name"),
            batch.Text("state"),
            operation.Bool("done") == true,
            batch.Moment("createTime") ?? batch.Moment("create_time"),
            batch.Child("inputConfig")?.Text("fileName"),
            batch.Child("output")?.Text("responsesFile") ?? operation.Child("response")?.Text("responsesFile"),
            CountsOf(batch),
            operation.Child("error") is { ValueKind: JsonValueKind.Object } error ? OperationError.From(error) : null);
    }

    private static ProviderCounts? CountsOf(JsonElement batch) => batch.Child("batchStats") is { ValueKind: JsonValueKind.Object } stats
        ? new(stats.WholeNumber("requestCount"), stats.WholeNumber("successfulRequestCount") ?? 0, stats.WholeNumber("failedRequestCount") ?? 0)
        : null;
}
