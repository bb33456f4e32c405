using Microsoft.Extensions.Configuration;

namespace Offpeak.OpenAI.Dialects;

/// <summary>Reads named endpoints out of configuration.</summary>
internal static class EndpointConfiguration
{
    public const string Section = "Offpeak:Endpoints";

    private static readonly string[] ReadyMade = ["azure", "groq", "together", "mistral", "openrouter"];

    /// <summary>
    /// The section <c>Offpeak:Endpoints:NAME</c>; what it leaves open comes from the dialect's own environment names, else from
    /// <c>NAME_API_KEY</c> and <c>NAME_BASE_URL</c>, then from the dialect. Without a dialect the name tells it, if it is one.
    /// </summary>
    public static OpenAIOptions Read(IConfiguration? configuration, string name)
    {
        var options = new OpenAIOptions { BaseUrl = "", Name = name.ToLowerInvariant(), Dialect = DialectOf(name) };
        var section = configuration?.GetSection($"{Section}:{name}");
        if (section?.Exists() == true)
            section.Bind(options);
        options.Name = name.ToLowerInvariant();
        var profile = DialectProfiles.Of(options.Dialect);
        var isReadyMade = IsReadyMade(name);
        var stem = name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
        var keyName = isReadyMade ? profile.KeyName : stem + "_API_KEY";
        options.KeySetting = $"{keyName} or {Section}:{name}:ApiKey";
        options.ApiKey = FirstText(options.ApiKey, configuration?[keyName]);
        options.BaseUrl = FirstText(
            options.BaseUrl, isReadyMade && profile.EndpointName is { } variable ? configuration?[variable] : null, configuration?[stem + "_BASE_URL"])
            ?? profile.BaseUrl;
        return options;
    }

    /// <summary>The endpoints that have a section, and the ready-made ones, which say what they lack when they are used.</summary>
    public static IReadOnlyList<string> Names(IConfiguration configuration) =>
        [.. configuration.GetSection(Section).GetChildren().Select(child => child.Key).Concat(ReadyMade).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static ServerDialect DialectOf(string name) =>
        IsReadyMade(name) && Enum.TryParse<ServerDialect>(name, ignoreCase: true, out var dialect) ? dialect : ServerDialect.OpenAI;

    private static bool IsReadyMade(string name) => ReadyMade.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string? FirstText(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrWhiteSpace(text))
                return text.Trim();
        }
        return null;
    }
}
