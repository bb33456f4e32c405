using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Anthropic.Results;

/// <summary>Reads the value of the current property to its end.</summary>
internal static class NextValue
{
    public static string? NextText(this ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = reader.TextOrNull();
        reader.SkipValue();
        return text;
    }

    public static long? NextNumber(this ref Utf8JsonReader reader)
    {
        reader.Read();
        var number = reader.NumberOrNull();
        reader.SkipValue();
        return number;
    }

    public static void NextIgnored(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.SkipValue();
    }
}
