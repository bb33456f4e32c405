using System.Text.Json;

namespace Offpeak.Providers;

/// <summary>How provider state and id lists are stored.</summary>
internal static class ProviderStateJson
{
    public static string? Write(ProviderState state) => state.Values.Count == 0 ? null : JsonSerializer.Serialize(state.Values);

    public static ProviderState Read(string? json) =>
        json is null ? ProviderState.Empty : new ProviderState(JsonSerializer.Deserialize<Dictionary<string, string>>(json)!);

    public static string? WriteIds(IReadOnlyCollection<string> ids) => ids.Count == 0 ? null : JsonSerializer.Serialize(ids);

    public static string[] ReadIds(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json)!;

    public static string? WriteCounts(ProviderCounts? counts) => counts is null ? null : JsonSerializer.Serialize(counts);

    public static ProviderCounts? ReadCounts(string? json) => json is null ? null : JsonSerializer.Deserialize<ProviderCounts>(json);
}
