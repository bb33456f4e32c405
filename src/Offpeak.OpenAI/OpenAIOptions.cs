using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

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

    /// <summary>The API key. Without one every call fails with a sentence that says how to set it. Never written to logs or errors.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The base URL, as the official SDK takes it, with the version at its end. Default <see cref="DefaultBaseUrl"/>.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    /// <summary>Sent as <c>OpenAI-Organization</c> (OpenAI API reference, Authentication). Default none.</summary>
    public string? Organization { get; set; }

    /// <summary>Sent as <c>OpenAI-Project</c> (OpenAI API reference, Authentication). Default none.</summary>
    public string? Project { get; set; }

    /// <summary>The completion window asked for; OpenAI knows only <c>24h</c> (OpenAI API reference, Batch, Create). Default <c>24h</c>.</summary>
    public string CompletionWindow { get; set; } = "24h";

    /// <summary>The purpose given to input files (OpenAI API reference, Files, Upload). Default <c>batch</c>.</summary>
    public string FilePurpose { get; set; } = "batch";

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

    internal OpenAIOptions Copy() => (OpenAIOptions)MemberwiseClone();

    private static string? FirstText(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first.Trim() : !string.IsNullOrWhiteSpace(second) ? second.Trim() : null;
}
