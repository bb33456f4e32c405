using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Wire;

/// <summary>The fields of a file that we use.</summary>
internal sealed record FileObject(string? Id, string? Status, string? StatusDetails)
{
    /// <summary>Azure lists a new file as pending or running until it may be used.</summary>
    public bool IsPending => Is("pending") || Is("running");

    public bool IsUnusable => Is("error") || Is("failed");

    public bool IsGone => Is("deleted") || Is("deleting") || Is("expired");

    /// <summary>Reads a file; null if the bytes are no JSON object.</summary>
    public static FileObject? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new(root.Text("id"), root.Text("status"), root.Text("status_details"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool Is(string status) => string.Equals(Status, status, StringComparison.OrdinalIgnoreCase);
}
