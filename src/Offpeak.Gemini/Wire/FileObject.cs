using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Wire;

/// <summary>The fields of a file that we use (Gemini API reference, files).</summary>
internal sealed record FileObject(string? Name, string? State, string? Reason)
{
    public bool IsPending => Is("PROCESSING");

    public bool IsUnusable => Is("FAILED");

    /// <summary>Reads a file, bare or inside the <c>file</c> of an upload; null if the bytes are no JSON object.</summary>
    public static FileObject? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            var file = root.Child("file") ?? root;
            return new(file.Text("name"), file.Text("state"), file.Child("error")?.Text("message"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool Is(string state) => string.Equals(State, state, StringComparison.OrdinalIgnoreCase);
}
