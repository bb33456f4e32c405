using System.Text.Json;
using Offpeak.Providers;

namespace Offpeak.Storage;

/// <summary>How provider state and id lists are stored.</summary>
internal static class ProviderStateJson
{
    public static string? Write(Journal state) => state.Values.Count == 0 ? null : JsonSerializer.Serialize(state.Values);

    public static Journal Read(string? json) =>
        json is null ? Journal.Empty : new Journal(JsonSerializer.Deserialize<Dictionary<string, string>>(json)!);

    public static string? WriteIds(IReadOnlyCollection<string> ids) => ids.Count == 0 ? null : JsonSerializer.Serialize(ids);

    public static string[] ReadIds(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json)!;

    public static string? WriteCounts(ProviderCounts? counts) => counts is null ? null : JsonSerializer.Serialize(counts);

    public static ProviderCounts? ReadCounts(string? json) => json is null ? null : JsonSerializer.Deserialize<ProviderCounts>(json);
}
