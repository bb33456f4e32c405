using System.Text.Json;

namespace Offpeak.Cli.Input;

/// <summary>Finds the key that made a strict parse fail, for the message.</summary>
internal static class DuplicateKey
{
    public static string? Find(ReadOnlyMemory<byte> json, JsonDocumentOptions strict)
    {
        try
        {
            using var document = JsonDocument.Parse(json, strict with { AllowDuplicateProperties = true });
            return Find(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Find(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => InObject(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Find).FirstOrDefault(key => key is not null),
        _ => null,
    };

    private static string? InObject(JsonElement element)
    {
        var names = new HashSet<string>();
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
                return property.Name;
            if (Find(property.Value) is string key)
                return key;
        }

        return null;
    }
}
