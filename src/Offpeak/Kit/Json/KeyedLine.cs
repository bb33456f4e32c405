using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Offpeak.Kit.Json;

/// <summary>Reads lines of results in one forward pass.</summary>
[Experimental("OFFPEAK001")]
public static class KeyedLine
{
    /// <summary>Reads a line; false if it is not one JSON object with an id.</summary>
    public static bool TryRead<TLine>(ReadOnlySpan<byte> bytes, out TLine line)
        where TLine : struct, IKeyedLine
    {
        line = default;
        try
        {
            var reader = new Utf8JsonReader(bytes, JsonScan.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.NextProperty())
                line.ReadProperty(ref reader);
            return !reader.Read() && !string.IsNullOrEmpty(line.Key);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
