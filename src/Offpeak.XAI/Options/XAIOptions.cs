using Microsoft.Extensions.Configuration;
using Offpeak.Providers;

namespace Offpeak.XAI;

/// <summary>Settings of the xAI provider.</summary>
public sealed class XAIOptions() : HttpProviderOptions("xai")
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:XAI";

    /// <summary>The base URL of xAI's API (xAI API reference, Introduction).</summary>
    public const string DefaultBaseUrl = "https://api.x.ai/v1";

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

    /// <summary>Items asked for in a page of results; xAI gives 100 unless told (xAI Batch API guide). Default 1,000.</summary>
    public int PageSize { get; set; } = 1_000;

    /// <summary>Longest result item accepted, in bytes; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultBytes { get; set; } = 64 * 1024 * 1024;

    /// <inheritdoc/>
    protected override string OwnBaseUrl => DefaultBaseUrl;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>XAI_API_KEY</c> and <c>XAI_BASE_URL</c>, which the
    /// host's environment variables provide.
    /// </summary>
    public static XAIOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new XAIOptions();
        options.Read(new ProviderSettings(configuration, SectionName));
        options.ReadVariables(configuration, "XAI_API_KEY", "XAI_BASE_URL");
        return options;
    }

    internal XAIOptions Copy() => (XAIOptions)MemberwiseClone();

    /// <inheritdoc/>
    protected override void Read(ProviderSettings section)
    {
        base.Read(section);
        UseFiles = section.Switch(nameof(UseFiles)) ?? UseFiles;
        MaxAppendBytes = section.Count(nameof(MaxAppendBytes)) ?? MaxAppendBytes;
        MaxAppendEntries = section.Count(nameof(MaxAppendEntries)) ?? MaxAppendEntries;
        PageSize = section.Count(nameof(PageSize)) ?? PageSize;
        MaxResultBytes = section.Count(nameof(MaxResultBytes)) ?? MaxResultBytes;
    }
}
