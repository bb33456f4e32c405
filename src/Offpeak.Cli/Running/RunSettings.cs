using Offpeak.Cli.Input;
using Offpeak.Policies;

namespace Offpeak.Cli.Running;

/// <summary>What <c>offpeak run</c> was asked to do.</summary>
internal sealed record RunSettings
{
    public required string Input { get; init; }

    public required string Model { get; init; }

    public string? Output { get; init; }

    public bool Force { get; init; }

    public string? Prompt { get; init; }

    public string? System { get; init; }

    public string? IdColumn { get; init; }

    public string? SchemaFile { get; init; }

    public string? Endpoint { get; init; }

    public string? Name { get; init; }

    public PollSchedule? Poll { get; init; }

    public decimal? MaxCost { get; init; }

    public int? Canary { get; init; }

    public string? Fallback { get; init; }

    public TimeSpan? FallbackAfter { get; init; }

    public bool StartNew { get; init; }

    public bool Detach { get; init; }

    public bool Json { get; init; }

    /// <summary>Names of the providers that may be asked.</summary>
    public IReadOnlyCollection<string> Providers => [.. ((string?[])[Model, Fallback]).OfType<string>().Select(model => model.Split('/')[0])];

    /// <summary>Files that the prompt and the system text came from.</summary>
    public IReadOnlyList<string> TextFiles { get; init; } = [];

    /// <summary>The files that it reads.</summary>
    public IEnumerable<string> FilesRead => ((string?[])[Input == "-" ? null : Input, SchemaFile, .. TextFiles]).OfType<string>();

    /// <summary>The input's name for people.</summary>
    public string InputName => Input == "-" ? "standard input" : Path.GetFileName(Input);

    /// <summary>Reads and checks the input, and says how far that is.</summary>
    /// <exception cref="InputException">The input cannot be used.</exception>
    public async Task<RunInput> OpenInputAsync(CancellationToken ct)
    {
        using var note = new ReadingNote($"Reading {InputName}", "rows", TimeProvider.System);
        var options = new InputOptions { PromptTemplate = Prompt, SystemTemplate = System, IdColumn = IdColumn, OnRow = note.Next };
        return await RunInput.OpenAsync(Input, options, ct);
    }

    /// <summary>Where the results are to go.</summary>
    public string OutputPath => Output ?? (Input == "-" ? "results.jsonl" : $"{Path.GetFileNameWithoutExtension(Input)}.results.jsonl");
}
