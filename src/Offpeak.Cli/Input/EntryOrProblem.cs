namespace Offpeak.Cli.Input;

/// <summary>What a row turned out to be: an entry, or the reason why it is none.</summary>
internal readonly record struct EntryOrProblem(InputEntry? Entry, string? Problem)
{
    public static implicit operator EntryOrProblem(InputEntry entry) => new(entry, null);

    public static implicit operator EntryOrProblem(string problem) => new(null, problem);
}
