using System.Diagnostics.CodeAnalysis;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;

namespace Offpeak.OpenAI.Calls;

/// <summary>How a server wants its input files. Defaults are OpenAI's (OpenAI API reference, Files, Upload).</summary>
[Experimental("OFFPEAK001")]
public sealed record UploadTerms
{
    /// <summary>Where files are uploaded.</summary>
    public string Path { get; init; } = "files";

    /// <summary>The purpose given to them.</summary>
    public string Purpose { get; init; } = "batch";

    /// <summary>Whether the form repeats the file's name and kind as fields.</summary>
    public bool NamesFile { get; init; }

    /// <summary>The lines of a file, by the endpoint of its entries.</summary>
    public Func<BatchEndpoint, EntryFormat> Lines { get; init; } = InputFileFormat.For;

    /// <summary>How long an attempt waits for a file that the server still processes.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause between looks at such a file.</summary>
    public TimeSpan ReadyInterval { get; init; } = TimeSpan.FromSeconds(1);

    internal static UploadTerms Of(Dialect dialect) => new()
    {
        Path = dialect.Profile.UploadPath,
        Purpose = dialect.Options.FilePurpose ?? dialect.Profile.FilePurpose,
        NamesFile = dialect.Profile.NamesUploads,
        Lines = endpoint => InputFileFormat.For(dialect, endpoint),
        ReadyTimeout = dialect.Options.FileReadyTimeout,
        ReadyInterval = dialect.Options.FileReadyInterval,
    };
}
