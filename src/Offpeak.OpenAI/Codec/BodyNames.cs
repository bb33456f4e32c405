using Offpeak.Kit.Json;

namespace Offpeak.OpenAI.Codec;

/// <summary>Gives fields of a body the names that a server has for them.</summary>
internal static class BodyNames
{
    public static byte[] Apply(byte[] body, IReadOnlyDictionary<string, string> names)
    {
        if (names.Count == 0)
            return body;
        var json = JsonEdit.Parse(body);
        foreach (var (name, other) in names)
        {
            if (!json.TryGetPropertyValue(name, out var value))
                continue;
            json.Remove(name);
            if (other.Length > 0)
                json[other] = value;
        }

        return JsonEdit.Write(json);
    }
}
