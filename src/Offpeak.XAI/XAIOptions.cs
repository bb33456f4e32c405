using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;

namespace Offpeak.XAI;

/// <summary>Settings of the xAI provider.</summary>
public sealed class XAIOptions
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:XAI";

    /// <summary>The base URL of xAI's API (xAI API reference, Introduction).</summary>
    public const string DefaultBaseUrl = "https://api.x.ai/v1";

    /// <summary>The name used in <c>provider/model</c>. Default <c>xai</c>.</summary>
    public string Name { get; set; } = "xai";

    /// <summary>The API key. Without one every call fails with a sentence that says how to set it. Never written to logs or errors.</summary>
    [JsonIgnore, DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string? ApiKey { get; set; }

    /// <summary>The base URL, with the version at its end. Default <see cref="DefaultBaseUrl"/>.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    /// <summary>
    /// Sends the entries as one input file instead of adding them to an empty batch. xAI then checks the file as a whole, and one bad line
    /// refuses the batch (xAI Batch API guide). Default false.
    /// </summary>
    public bool UseFiles { get; set; }

    /// <summary>
    /// Most bytes in one call that adds entries; xAI takes up to 25 MB (xAI Batch API guide, Limits). This much is held in memory for
    /// each submission. A larger entry goes alone. Default 8 MB.
    /// </summary>
    public int MaxAppendBytes { get; set; } = 8_000_000;

    /// <summary>Most entries in one call that adds entries. Default 1,000.</summary>
    public int MaxAppendEntries { get; set; } = 1_000;

    /// <summary>Time limit of the create call, from the first byte sent to the last byte of the answer. Default 60 s.</summary>
    public TimeSpan CreateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time limit of the other small calls: status, lists, cancel, delete. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest silence allowed during a download or the upload of a file; and the time limit of a call that adds entries. Default 2 min.</summary>
    public TimeSpan TransferIdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Items asked for in a page of results; xAI gives 100 unless told (xAI Batch API guide). Default 1,000.</summary>
    public int PageSize { get; set; } = 1_000;

    /// <summary>Longest result item accepted, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>XAI_API_KEY</c> and <c>XAI_BASE_URL</c>, which the
    /// host's environment variables provide.
    /// </summary>
    public static XAIOptions FromConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new XAIOptions { BaseUrl = "" };
        var section = configuration.GetSection(SectionName);
        if (section.Exists())
            section.Bind(options);
        options.ApiKey = FirstText(options.ApiKey, configuration["XAI_API_KEY"]);
        options.BaseUrl = FirstText(options.BaseUrl, configuration["XAI_BASE_URL"]) ?? DefaultBaseUrl;
        return options;
    }

    internal XAIOptions Copy() => (XAIOptions)MemberwiseClone();

    private static string? FirstText(string? first, string? second) =>
        !string.IsNullOrWhiteSpace(first) ? first.Trim() : !string.IsNullOrWhiteSpace(second) ? second.Trim() : null;
}
