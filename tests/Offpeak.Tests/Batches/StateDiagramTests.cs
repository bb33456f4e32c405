using System.Text;
using Offpeak.Batches;
using Offpeak.Tests.Repository;

namespace Offpeak.Tests.Batches;

/// <summary>Draws <c>docs/states.md</c> from the transition table, so that the page cannot go stale.</summary>
public sealed class StateDiagramTests
{
    private const string Introduction =
        """
        # States

        Drawn by a test from `src/Offpeak/Batches/BatchTransitions.cs`, the one table of allowed moves. Steps take their targets from it; what the store's
        own statements set is held to it by the simulation and the crash tests. After a change there, run the tests with `OFFPEAK_UPDATE_DOCS=1` to draw
        it anew.

        """;

    [Fact]
    public void States_page_shows_the_transition_table()
    {
        var page = new StringBuilder(Introduction);
        Draw(page, "Batch", BatchTransitions.Batches, BatchStatus.Building, status => status.IsTerminal());
        Draw(page, "Shard", BatchTransitions.Shards, ShardStatus.Pending, status => status.IsTerminal());
        Draw(page, "Entry", BatchTransitions.Entries, EntryStatus.Pending, status => status.IsTerminal());
        var path = Path.Combine(HouseRules.Root, "docs/states.md");
        if (Environment.GetEnvironmentVariable("OFFPEAK_UPDATE_DOCS") == "1")
            File.WriteAllText(path, page.ToString());

        Assert.Equal(page.ToString(), File.ReadAllText(path));
    }

    private static void Draw<TStatus, TEvent>(
        StringBuilder page, string title, IReadOnlyList<Transition<TStatus, TEvent>> table, TStatus start, Func<TStatus, bool> isTerminal)
        where TStatus : struct, Enum
        where TEvent : struct, Enum
    {
        page.Append($"\n## {title}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {Name(start)}\n");
        foreach (var move in table)
            page.Append($"    {Name(move.From)} --> {Name(move.To)}: {Cause(move.Event)}\n");
        foreach (var status in Enum.GetValues<TStatus>().Where(isTerminal))
            page.Append($"    {Name(status)} --> [*]\n");
        page.Append("```\n\n| from | event | to | who and when |\n|---|---|---|---|\n");
        foreach (var move in table)
            page.Append($"| `{Name(move.From)}` | {Cause(move.Event)} | `{Name(move.To)}` | {move.Who} |\n");
    }

    private static string Name<T>(T value)
        where T : struct, Enum => StatusNames.Name(value);

    private static string Cause<T>(T value)
        where T : struct, Enum => Name(value).Replace('_', ' ');
}
