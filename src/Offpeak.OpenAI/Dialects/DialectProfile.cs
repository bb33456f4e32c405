using Offpeak.Providers;

namespace Offpeak.OpenAI.Dialects;

/// <summary>What a server does otherwise than OpenAI, as data. The defaults are OpenAI's.</summary>
internal sealed record DialectProfile
{
    public string BaseUrl { get; init; } = OpenAIOptions.DefaultBaseUrl;

    /// <summary>The environment names of the key and of the base URL, beside <c>NAME_BASE_URL</c>.</summary>
    public required string KeyName { get; init; }

    public string? EndpointName { get; init; }

    /// <summary>The header that carries the key by itself; null sends it as a bearer token.</summary>
    public string? KeyHeader { get; init; }

    public required ProviderCapabilities Capabilities { get; init; }

    /// <summary>Whether the server ends a batch when its window has passed; otherwise it is waited for without an end.</summary>
    public bool Expires { get; init; } = true;

    /// <summary>How long a batch may run beyond its window before it is given up.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(2);

    public string BatchesPath { get; init; } = "batches";

    public string UploadPath { get; init; } = "files";

    public string FilePurpose { get; init; } = "batch";

    /// <summary>Whether an upload repeats the file's name and type in fields of their own.</summary>
    public bool NamesUploads { get; init; }

    public CreateForm Create { get; init; }

    /// <summary>Whether a line holds no method and URL, because the batch says them.</summary>
    public bool BareLines { get; init; }

    /// <summary>The field of a batch in which its results stand; null if they stand in files only.</summary>
    public string? InlineResults { get; init; }

    /// <summary>What a call adds to see the results in a batch.</summary>
    public string InlineQuery { get; init; } = "";

    /// <summary>Whether the list is paged by number and not by the last id.</summary>
    public bool PagesByNumber { get; init; }

    public bool Cancels { get; init; } = true;

    public bool DeletesBatches { get; init; }

    /// <summary>Whether batches carry neither the submission key nor the id of an input file, so that only their results tell whose they are.</summary>
    public bool IsKeyless { get; init; }

    /// <summary>Fields of a request body that have another name there; an empty name leaves the field out.</summary>
    public IReadOnlyDictionary<string, string> BodyNames { get; init; } = new Dictionary<string, string>();
}
