using Offpeak.Providers;

namespace Offpeak.Simulation.Cloud;

/// <summary>One line of a result file.</summary>
/// <param name="Result">The line as it is delivered.</param>
/// <param name="IsOwn">Whether it is an entry's own line, not a double or a stray one.</param>
/// <param name="FinishedAt">When the provider had finished it.</param>
/// <param name="LeftOutWhenUnfinished">Whether a file written earlier leaves the entry out instead of saying so.</param>
internal sealed record CloudLine(ProviderResult Result, bool IsOwn, DateTimeOffset FinishedAt, bool LeftOutWhenUnfinished)
{
    /// <summary>Whether the answer is one that an entry may keep as its last word.</summary>
    public bool IsSound { get; init; } = true;

    /// <summary>The id the entry was sent with, also on a line that cannot be read.</summary>
    public required string SentAs { get; init; }

    public ProviderResult Unfinished(ProviderResultKind kind) => new() { Kind = kind, WireId = SentAs, ErrorCode = "unfinished" };
}
