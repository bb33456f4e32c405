using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Wire;

/// <summary>The fields of a file that we use (Gemini API reference, files).</summary>
internal sealed record GeminiFile(string? Name, string? State, string? Reason)
{
    public bool IsPending => Is("PROCESSING");

    public bool IsUnusable => Is("FAILED");

    /// <summary>Reads a file, bare or inside the <c>file</c> of an upload; null if the bytes are no JSON object.</summary>
    public static GeminiFile? Parse(ReadOnlyMemory<byte> body) => LoadedJson.Read(body, From);

    private static GeminiFile? From(JsonElement root)
    {
        var file = root.Child("file") ?? root;
        return new(file.Text("name"), file.Text("state"), file.Child("error")?.Text("message"));
    }

    private bool Is(string state) => string.Equals(State, state, StringComparison.OrdinalIgnoreCase);
}
