using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Offpeak.OpenAI.Dialects;

namespace Offpeak.OpenAI;

/// <summary>Settings of the OpenAI provider, and of servers that speak its dialect.</summary>
public sealed class OpenAIOptions
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:OpenAI";

    /// <summary>The base URL of OpenAI's own API (OpenAI API reference, Introduction).</summary>
    public const string DefaultBaseUrl = "https://api.openai.com/v1";

    /// <summary>The name used in <c>provider/model</c>. Default <c>openai</c>.</summary>
    public string Name { get; set; } = "openai";

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

    /// <summary>The API key. Without one every call fails with a sentence that says how to set it. Never written to logs or errors.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The base URL, as the official SDK takes it, with the version at its end. Default <see cref="DefaultBaseUrl"/>.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

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

    /// <summary>Time limit of the create call, from the first byte sent to the last byte of the answer. Default 60 s.</summary>
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit of the other small calls: status, list, cancel, delete. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence allowed during an upload or download; there is no limit on the whole transfer. Default 2 min.</summary>
    public TimeSpan TransferIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an attempt waits for an uploaded file that the server still processes (Azure does that). Default 2 min.</summary>
    public TimeSpan FileReadyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at a file that is still being processed. Default 1 s.</summary>
    public TimeSpan FileReadyInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest line accepted in a result file, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultLineBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c>,
    /// <c>OPENAI_ORG_ID</c> and <c>OPENAI_PROJECT_ID</c>, which the host's environment variables provide.
    /// </summary>
    public static OpenAIOptions FromConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new OpenAIOptions { BaseUrl = "" };
        var section = configuration.GetSection(SectionName);
        if (section.Exists())
            section.Bind(options);
        options.ApiKey = FirstText(options.ApiKey, configuration["OPENAI_API_KEY"]);
        options.BaseUrl = FirstText(options.BaseUrl, configuration["OPENAI_BASE_URL"]) ?? DefaultBaseUrl;
        options.Organization = FirstText(options.Organization, configuration["OPENAI_ORG_ID"]);
        options.Project = FirstText(options.Project, configuration["OPENAI_PROJECT_ID"]);
        return options;
    }

    /// <summary>
    /// Reads a named endpoint, such as <c>groq</c>: the section <c>Offpeak:Endpoints:NAME</c>; what it leaves open comes from the host's
    /// environment variables <c>NAME_API_KEY</c> and <c>NAME_BASE_URL</c>, for Azure <c>AZURE_OPENAI_API_KEY</c> and
    /// <c>AZURE_OPENAI_ENDPOINT</c>. The names azure, groq, together, mistral and openrouter bring their dialect and base URL with them.
    /// </summary>
    public static OpenAIOptions FromConfiguration(IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return EndpointConfiguration.Read(configuration, name);
    }

    /// <summary>Where a person sets the key, for messages; null takes the dialect's environment name.</summary>
    internal string? KeySetting { get; set; }

    internal OpenAIOptions Copy()
    {
        var copy = (OpenAIOptions)MemberwiseClone();
        copy.Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase);
        return copy;
    }

    private static string? FirstText(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first.Trim() : !string.IsNullOrWhiteSpace(second) ? second.Trim() : null;
}
