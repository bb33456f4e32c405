using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Offpeak.Kit.Json;

/// <summary>Reads small answers that are in memory as a whole.</summary>
[Experimental("OFFPEAK001")]
public static class LoadedJson
{
    /// <summary>What a function makes of the object; null if the bytes are no JSON object.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> json, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
