using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Wire;

/// <summary>The fields of a file that we use.</summary>
internal sealed record OpenAIFile(string? Id, string? Status, string? StatusDetails)
{
    /// <summary>Azure lists a new file as pending or running until it may be used.</summary>
    public bool IsPending => Is("pending") || Is("running");

    public bool IsUnusable => Is("error") || Is("failed");

    public bool IsGone => Is("deleted") || Is("deleting") || Is("expired");

    /// <summary>Reads a file; null if the bytes are no JSON object.</summary>
    public static OpenAIFile? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, root =>
        new OpenAIFile(root.Text("id"), root.Text("status"), root.Text("status_details")));

    private bool Is(string status) => string.Equals(Status, status, StringComparison.OrdinalIgnoreCase);
}
