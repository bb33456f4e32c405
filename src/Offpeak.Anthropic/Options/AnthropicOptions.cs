using Microsoft.Extensions.Configuration;
using Offpeak.Providers;

namespace Offpeak.Anthropic;

/// <summary>
/// Settings of the Anthropic provider. The create call carries the entries, so <see cref="HttpProviderOptions.CreateTimeout"/> is its longest
/// silence: between two pieces of the upload, and from its end to the end of the answer. It is shorter than a lease, so that no other worker
/// takes a live create call for a lost one.
/// </summary>
public sealed class AnthropicOptions() : HttpProviderOptions("anthropic")
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:Anthropic";

    /// <summary>The base URL of Anthropic's own API (Anthropic API reference, Overview).</summary>
    public const string DefaultBaseUrl = "https://api.anthropic.com";

    /// <summary>The API version whose wire format the provider speaks (Anthropic API reference, Versions).</summary>
    public const string DefaultVersion = "2023-06-01";

    /// <summary>Sent as <c>anthropic-version</c>. Default <see cref="DefaultVersion"/>.</summary>
    public string Version { get; set; } = DefaultVersion;

    /// <summary>
    /// Sent as <c>anthropic-beta</c>: the names, with commas between them, of beta features that the entries use (Anthropic API reference,
    /// Beta headers). Default none.
    /// </summary>
    public string? Beta { get; set; }

    /// <summary>How long a create call waits for another one of this process with the same key to be answered. Default 30 s.</summary>
    public TimeSpan CreateTurnTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest line accepted in results, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultLineBytes { get; set; } = 64 * 1024 * 1024;

    /// <inheritdoc/>
    protected override string OwnBaseUrl => DefaultBaseUrl;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>ANTHROPIC_API_KEY</c> and
    /// <c>ANTHROPIC_BASE_URL</c>, which the host's environment variables provide.
    /// </summary>
    public static AnthropicOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new AnthropicOptions();
        options.Read(new ProviderSettings(configuration, SectionName));
        options.ReadVariables(configuration, "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL");
        return options;
    }

    internal AnthropicOptions Copy() => (AnthropicOptions)MemberwiseClone();

    /// <inheritdoc/>
    protected override void Read(ProviderSettings section)
    {
        base.Read(section);
        Version = section.Text(nameof(Version)) ?? Version;
        Beta = section.Text(nameof(Beta)) ?? Beta;
        CreateTurnTimeout = section.Duration(nameof(CreateTurnTimeout)) ?? CreateTurnTimeout;
        MaxResultLineBytes = section.Count(nameof(MaxResultLineBytes)) ?? MaxResultLineBytes;
    }
}
