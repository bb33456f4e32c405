using Microsoft.Extensions.Configuration;

namespace Offpeak.OpenAI.Dialects;

/// <summary>What configuration calls an endpoint, and what its name alone tells.</summary>
internal static class Endpoints
{
    public const string Section = "Offpeak:Endpoints";

    private static readonly string[] ReadyMade = ["azure", "groq", "together", "mistral", "openrouter"];

    /// <summary>The endpoints that have a section, and the ready-made ones, which say what they lack when they are used.</summary>
    public static IReadOnlyList<string> Names(IConfiguration configuration) =>
        [.. configuration.GetSection(Section).GetChildren().Select(child => child.Key).Concat(ReadyMade).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The dialect of an endpoint whose section names none.</summary>
    public static ServerDialect DialectOf(string name) =>
        IsReadyMade(name) && Enum.TryParse<ServerDialect>(name, ignoreCase: true, out var dialect) ? dialect : ServerDialect.OpenAI;

    /// <summary>The environment variables of its key and of its base URL: the dialect's own, or named after the endpoint.</summary>
    public static (string Key, string[] Urls) VariablesOf(string name, DialectProfile profile)
    {
        var stem = name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
        if (!IsReadyMade(name))
            return (stem + "_API_KEY", [stem + "_BASE_URL"]);
        return (profile.KeyName, profile.EndpointName is { } endpoint ? [endpoint, stem + "_BASE_URL"] : [stem + "_BASE_URL"]);
    }

    private static bool IsReadyMade(string name) => ReadyMade.Contains(name, StringComparer.OrdinalIgnoreCase);
}
