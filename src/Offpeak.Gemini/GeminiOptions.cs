using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Offpeak.Gemini;

/// <summary>Settings of the Gemini provider (Gemini Developer API; Vertex AI has another batch API).</summary>
public sealed class GeminiOptions
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:Gemini";

    /// <summary>The root of Google's own API, without a version (Gemini API reference, REST).</summary>
    public const string DefaultBaseUrl = "https://generativelanguage.googleapis.com";

    /// <summary>The name used in <c>provider/model</c>. Default <c>gemini</c>.</summary>
    public string Name { get; set; } = "gemini";

    /// <summary>
    /// The API key, sent as <c>x-goog-api-key</c>. Without one every call fails with a sentence that says how to set it. Never written to
    /// logs, errors or URLs.
    /// </summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The root of the API, without a version. Default <see cref="DefaultBaseUrl"/>.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    /// <summary>
    /// Largest create call, in bytes, that carries its requests inline; larger shards go through an input file. Google takes less than
    /// 20 MB (Gemini API guide, Batch API). Default 18,000,000.
    /// </summary>
    public long InlineLimitBytes { get; set; } = 18_000_000;

    /// <summary>
    /// Time limit of a create call that names a file. An inline create call is given up after a silence of
    /// <see cref="TransferIdleTimeout"/> instead. Default 60 s.
    /// </summary>
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit of the other small calls, and longest silence while a batch is read. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence allowed during an upload or download; there is no limit on the whole transfer. Default 2 min.</summary>
    public TimeSpan TransferIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an attempt waits for an uploaded file that is still <c>PROCESSING</c>. Default 2 min.</summary>
    public TimeSpan FileReadyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at a file that is still being processed. Default 1 s.</summary>
    public TimeSpan FileReadyInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest single result accepted, in bytes, inline or in a file; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>GEMINI_API_KEY</c> and <c>GEMINI_BASE_URL</c>, which
    /// the host's environment variables provide.
    /// </summary>
    public static GeminiOptions FromConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new GeminiOptions { BaseUrl = "" };
        var section = configuration.GetSection(SectionName);
        if (section.Exists())
            section.Bind(options);
        options.ApiKey = FirstText(options.ApiKey, configuration["GEMINI_API_KEY"]);
        options.BaseUrl = FirstText(options.BaseUrl, configuration["GEMINI_BASE_URL"]) ?? DefaultBaseUrl;
        return options;
    }

    internal GeminiOptions Copy() => (GeminiOptions)MemberwiseClone();

    private static string? FirstText(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first.Trim() : !string.IsNullOrWhiteSpace(second) ? second.Trim() : null;
}
