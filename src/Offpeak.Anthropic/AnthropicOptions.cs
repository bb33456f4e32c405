using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Offpeak.Anthropic;

/// <summary>Settings of the Anthropic provider.</summary>
public sealed class AnthropicOptions
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:Anthropic";

    /// <summary>The base URL of Anthropic's own API (Anthropic API reference, Overview).</summary>
    public const string DefaultBaseUrl = "https://api.anthropic.com";

    /// <summary>The API version whose wire format the provider speaks (Anthropic API reference, Versions).</summary>
    public const string DefaultVersion = "2023-06-01";

    /// <summary>The name used in <c>provider/model</c>. Default <c>anthropic</c>.</summary>
    public string Name { get; set; } = "anthropic";

    /// <summary>The API key. Without one every call fails with a sentence that says how to set it. Never written to logs or errors.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The base URL, as the official SDK takes it, without a version at its end. Default <see cref="DefaultBaseUrl"/>.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    /// <summary>Sent as <c>anthropic-version</c>. Default <see cref="DefaultVersion"/>.</summary>
    public string Version { get; set; } = DefaultVersion;

    /// <summary>
    /// Sent as <c>anthropic-beta</c>: the names, with commas between them, of beta features that the entries use (Anthropic API reference,
    /// Beta headers). Default none.
    /// </summary>
    public string? Beta { get; set; }

    /// <summary>
    /// Longest silence of the create call: between two pieces of the upload, and from its end to the end of the answer. It is shorter than
    /// a lease, so that no other worker takes a live create call for a lost one. Default 60 s.
    /// </summary>
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a create call waits for another one of this process with the same key to be answered. Default 30 s.</summary>
    public TimeSpan CreateTurnTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time limit of the other small calls: status, list, cancel, delete. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence allowed while results are read; there is no limit on the whole transfer. Default 2 min.</summary>
    public TimeSpan TransferIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest line accepted in results, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultLineBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>ANTHROPIC_API_KEY</c> and
    /// <c>ANTHROPIC_BASE_URL</c>, which the host's environment variables provide.
    /// </summary>
    public static AnthropicOptions FromConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new AnthropicOptions { BaseUrl = "" };
        var section = configuration.GetSection(SectionName);
        if (section.Exists())
            section.Bind(options);
        options.ApiKey = FirstText(options.ApiKey, configuration["ANTHROPIC_API_KEY"]);
        options.BaseUrl = FirstText(options.BaseUrl, configuration["ANTHROPIC_BASE_URL"]) ?? DefaultBaseUrl;
        return options;
    }

    internal AnthropicOptions Copy() => (AnthropicOptions)MemberwiseClone();

    private static string? FirstText(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first.Trim() : !string.IsNullOrWhiteSpace(second) ? second.Trim() : null;
}
