using Microsoft.Extensions.Configuration;
using Offpeak.Providers;

namespace Offpeak.Gemini;

/// <summary>
/// Settings of the Gemini provider (Gemini Developer API; Vertex AI has another batch API).
/// <see cref="HttpProviderOptions.CreateTimeout"/> limits a create call that names a file; an inline one is given up after a silence of
/// <see cref="HttpProviderOptions.TransferIdleTimeout"/>.
/// </summary>
public sealed class GeminiOptions() : HttpProviderOptions("gemini")
{
    /// <summary>The configuration section that binds to these options.</summary>
    public const string SectionName = "Offpeak:Gemini";

    /// <summary>The root of Google's own API, without a version (Gemini API reference, REST).</summary>
    public const string DefaultBaseUrl = "https://generativelanguage.googleapis.com";

    /// <summary>
    /// Largest create call, in bytes, that carries its requests inline; larger shards go through an input file. Google takes less than
    /// 20 MB (Gemini API guide, Batch API). Default 18,000,000.
    /// </summary>
    public long InlineLimitBytes { get; set; } = 18_000_000;

    /// <summary>How long an attempt waits for an uploaded file that is still <c>PROCESSING</c>. Default 2 min.</summary>
    public TimeSpan FileReadyTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at a file that is still being processed. Default 1 s.</summary>
    public TimeSpan FileReadyInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The field that carries the JSON schema of a structured answer; reports disagree on which of the two works in batches. Default
    /// <see cref="GeminiSchemaField.ResponseJsonSchema"/>.
    /// </summary>
    public GeminiSchemaField SchemaField { get; set; } = GeminiSchemaField.ResponseJsonSchema;

    /// <summary>Longest single result accepted, in bytes, inline or in a file; a longer one counts as malformed. Default 64 MiB.</summary>
    public int MaxResultBytes { get; set; } = 64 * 1024 * 1024;

    /// <inheritdoc/>
    protected override string OwnBaseUrl => DefaultBaseUrl;

    /// <summary>
    /// Reads the section <see cref="SectionName"/>; what it leaves open comes from <c>GEMINI_API_KEY</c> and <c>GEMINI_BASE_URL</c>, which
    /// the host's environment variables provide.
    /// </summary>
    public static GeminiOptions FromConfiguration(IConfiguration? configuration)
    {
        var options = new GeminiOptions();
        options.Read(new ProviderSettings(configuration, SectionName));
        options.ReadVariables(configuration, "GEMINI_API_KEY", "GEMINI_BASE_URL");
        return options;
    }

    internal GeminiOptions Copy() => (GeminiOptions)MemberwiseClone();

    /// <inheritdoc/>
    protected override void Read(ProviderSettings section)
    {
        base.Read(section);
        InlineLimitBytes = section.WholeNumber(nameof(InlineLimitBytes)) ?? InlineLimitBytes;
        FileReadyTimeout = section.Duration(nameof(FileReadyTimeout)) ?? FileReadyTimeout;
        FileReadyInterval = section.Duration(nameof(FileReadyInterval)) ?? FileReadyInterval;
        SchemaField = section.Choice<GeminiSchemaField>(nameof(SchemaField)) ?? SchemaField;
        MaxResultBytes = section.Count(nameof(MaxResultBytes)) ?? MaxResultBytes;
    }
}
