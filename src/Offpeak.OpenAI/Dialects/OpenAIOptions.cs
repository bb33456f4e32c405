using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Offpeak.OpenAI.Dialects;
using Offpeak.Providers;

namespace Offpeak.OpenAI;

/// <summary>Settings of the OpenAI provider, and of servers that speak its dialect.</summary>
public sealed class OpenAIOptions() : HttpProviderOptions("openai")
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:OpenAI";

    /// <summary>The base URL of OpenAI's own API (OpenAI API reference, Introduction).</summary>
    public const string DefaultBaseUrl = "https://api.openai.com/v1";

    /// <summary>What kind of server it is. Default <see cref="ServerDialect.OpenAI"/>.</summary>
    public ServerDialect Dialect { get; set; }

    /// <summary>
    /// The dated API version of Azure OpenAI, such as <c>2024-10-21</c>, sent with each call; null uses Azure's v1 API, which needs none.
    /// Default null.
    /// </summary>
    public string? ApiVersion { get; set; }

    /// <summary>Headers sent with each call, such as those a proxy wants. Never written to logs or errors. Default none.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public IDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Part of the list price that a batch costs; null takes what is known of the server. Default null.</summary>
    public decimal? PriceFactor { get; set; }

    /// <summary>Sent as <c>OpenAI-Organization</c> (OpenAI API reference, Authentication). Default none.</summary>
    public string? Organization { get; set; }

    /// <summary>Sent as <c>OpenAI-Project</c> (OpenAI API reference, Authentication). Default none.</summary>
    public string? Project { get; set; }

    /// <summary>
    /// The completion window asked for, in hours or days; OpenAI knows only <c>24h</c> (OpenAI API reference, Batch, Create), Groq takes up
    /// to <c>7d</c>. Default <c>24h</c>.
    /// </summary>
    public string CompletionWindow { get; set; } = "24h";

    /// <summary>
    /// The purpose given to input files (OpenAI API reference, Files, Upload); null takes the dialect's, which is <c>batch</c> at OpenAI.
    /// Default null.
    /// </summary>
    public string? FilePurpose { get; set; }

    /// <summary>How long an attempt waits for an uploaded file that the server still processes (Azure does that). Default 2 min.</summary>
    public TimeSpan FileReadyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at a file that is still being processed. Default 1 s.</summary>
    public TimeSpan FileReadyInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest line accepted in a result file, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultLineBytes { get; set; } = 64 * 1024 * 1024;

    /// <inheritdoc/>
    protected override string OwnBaseUrl => DialectProfiles.Of(Dialect).BaseUrl;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c>,
    /// <c>OPENAI_ORG_ID</c> and <c>OPENAI_PROJECT_ID</c>, which the host's environment variables provide.
    /// </summary>
    public static OpenAIOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new OpenAIOptions();
        options.Read(new ProviderSettings(configuration, SectionName));
        options.ReadVariables(configuration, "OPENAI_API_KEY", "OPENAI_BASE_URL");
        var variables = new ProviderSettings(configuration, section: null);
        options.Organization ??= variables.Text("OPENAI_ORG_ID");
        options.Project ??= variables.Text("OPENAI_PROJECT_ID");
        return options;
    }

    /// <summary>
    /// Reads a named endpoint, such as <c>groq</c>: the section <c>Offpeak:Endpoints:NAME</c>; what it leaves open comes from the host's
    /// environment variables <c>NAME_API_KEY</c> and <c>NAME_BASE_URL</c>, for Azure <c>AZURE_OPENAI_API_KEY</c> and
    /// <c>AZURE_OPENAI_ENDPOINT</c>. The names azure, groq, together, mistral and openrouter bring their dialect and base URL with them.
    /// </summary>
    public static OpenAIOptions FromConfiguration(IConfiguration? configuration, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var options = new OpenAIOptions { Dialect = Endpoints.DialectOf(name) };
        options.Read(new ProviderSettings(configuration, $"{Endpoints.Section}:{name}"));
        options.Name = name.ToLowerInvariant();
        var (key, urls) = Endpoints.VariablesOf(name, DialectProfiles.Of(options.Dialect));
        options.KeySetting = $"{key} or {Endpoints.Section}:{name}:ApiKey";
        options.ReadVariables(configuration, key, urls);
        return options;
    }

    /// <summary>Where a person sets the key, for messages; null takes the dialect's environment name.</summary>
    internal string? KeySetting { get; set; }

    internal OpenAIOptions Copy()
    {
        var copy = (OpenAIOptions)MemberwiseClone();
        copy.Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase);
        return copy;
    }

    /// <inheritdoc/>
    protected override void Read(ProviderSettings section)
    {
        base.Read(section);
        Dialect = section.Choice<ServerDialect>(nameof(Dialect)) ?? Dialect;
        ApiVersion = section.Text(nameof(ApiVersion)) ?? ApiVersion;
        PriceFactor = section.Fraction(nameof(PriceFactor)) ?? PriceFactor;
        Organization = section.Text(nameof(Organization)) ?? Organization;
        Project = section.Text(nameof(Project)) ?? Project;
        CompletionWindow = section.Text(nameof(CompletionWindow)) ?? CompletionWindow;
        FilePurpose = section.Text(nameof(FilePurpose)) ?? FilePurpose;
        FileReadyTimeout = section.Duration(nameof(FileReadyTimeout)) ?? FileReadyTimeout;
        FileReadyInterval = section.Duration(nameof(FileReadyInterval)) ?? FileReadyInterval;
        MaxResultLineBytes = section.Count(nameof(MaxResultLineBytes)) ?? MaxResultLineBytes;
        foreach (var (name, value) in section.Pairs(nameof(Headers)))
            Headers[name] = value;
    }
}
