namespace Offpeak.Testing;

/// <summary>
/// What reading and answering a whole input file gave: either problems, or one spooled line for each request. Without an error path all
/// lines are in the output.
/// </summary>
internal sealed record BatchRun(
    string? Model, IReadOnlyList<LineProblem> Problems, IReadOnlyList<SpooledEntry> Entries, string OutputPath, string? ErrorPath)
{
    public int DoneAt(double progress) => (int)Math.Floor((Entries.Count * progress) + 1e-9);

    public (int Completed, int Failed) CountFirst(int done)
    {
        var completed = 0;
        for (var i = 0; i < done; i++)
        {
            if (Entries[i].Succeeded)
                completed++;
        }

        return (completed, done - completed);
    }

    public TokenCounts UsageOfFirst(int done)
    {
        var usage = default(TokenCounts);
        for (var i = 0; i < done; i++)
            usage += Entries[i].Usage;
        return usage;
    }

    public void DeleteSpools()
    {
        File.Delete(OutputPath);
        if (ErrorPath is not null)
            File.Delete(ErrorPath);
    }
}
