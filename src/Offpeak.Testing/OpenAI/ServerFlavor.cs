using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>What a server of OpenAI's dialect does otherwise, as data. The defaults are OpenAI's.</summary>
/// <param name="Provider">Under this name its batches are kept.</param>
/// <param name="Root">What stands before <c>/files</c> and <c>/batches</c>.</param>
internal sealed record ServerFlavor(string Provider, string Root)
{
    public OpenAIDialect Dialect { get; init; } = new();

    public ListWrapper FileList { get; init; }

    public IReadOnlyList<string> Endpoints { get; init; } = OpenAIEndpoints.All;

    public IReadOnlyList<string> Windows { get; init; } = ["24h"];

    public string FilePurpose { get; init; } = "batch";

    public string UploadPath { get; init; } = "";

    public bool TakesMetadata { get; init; } = true;

    public bool HasBareLines { get; init; }

    /// <summary>Times are ISO 8601 and not seconds.</summary>
    public bool HasIsoTimes { get; init; }

    /// <summary>A file is pending in the answer to its upload, and processed when it is looked at.</summary>
    public bool FilesArePendingAtFirst { get; init; }

    public bool HasEmptyErrorFiles { get; init; }

    /// <summary>The one header that carries the key; null takes a bearer token, or Azure's header.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>A query value without which every call is a 404.</summary>
    public string? RequiredQuery { get; init; }
}
