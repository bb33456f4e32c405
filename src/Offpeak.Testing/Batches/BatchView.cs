namespace Offpeak.Testing;

/// <summary>A batch as a client may see it now.</summary>
internal sealed record BatchView(BatchRecord Batch, BatchMoment State)
{
    public string? Model { get; init; }

    public IReadOnlyList<LineProblem> Problems { get; init; } = [];

    public int Total { get; init; }

    public int Completed { get; init; }

    public int Failed { get; init; }

    public TokenCounts Usage { get; init; }

    public BatchSettlement Files { get; init; } = new(null, null);
}
