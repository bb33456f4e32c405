using Offpeak.Batches;

namespace Offpeak.Tests.Batches;

public sealed class BatchTransitionsTests
{
    [Fact]
    public void Every_status_is_reachable()
    {
        AssertReachable(BatchTransitions.Batches, BatchStatus.Building);
        AssertReachable(BatchTransitions.Shards, ShardStatus.Pending);
        AssertReachable(BatchTransitions.Entries, EntryStatus.Pending);
    }

    [Fact]
    public void Every_status_that_is_not_terminal_can_be_left()
    {
        AssertLeft(BatchTransitions.Batches, status => status.IsTerminal());
        AssertLeft(BatchTransitions.Shards, status => status.IsTerminal());
        AssertLeft(BatchTransitions.Entries, status => status.IsTerminal());
    }

    [Fact]
    public void Terminal_statuses_are_left_by_reopening_alone()
    {
        Assert.All(BatchTransitions.Batches.Where(move => move.From.IsTerminal()), move => Assert.Equal(BatchEvent.Reopen, move.Event));
        Assert.All(BatchTransitions.Entries.Where(move => move.From.IsTerminal()), move => Assert.Equal(EntryEvent.Reopen, move.Event));
        Assert.DoesNotContain(BatchTransitions.Shards, move => move.From.IsTerminal());
    }

    [Fact]
    public void No_event_leads_two_ways_from_one_status()
    {
        Assert.Distinct(BatchTransitions.Batches.Select(move => (move.From, move.Event)));
        Assert.Distinct(BatchTransitions.Shards.Select(move => (move.From, move.Event)));
        Assert.Distinct(BatchTransitions.Entries.Select(move => (move.From, move.Event)));
    }

    [Fact]
    public void Every_event_is_used()
    {
        Assert.Equal(Enum.GetValues<BatchEvent>(), BatchTransitions.Batches.Select(move => move.Event).Distinct().Order());
        Assert.Equal(Enum.GetValues<ShardEvent>(), BatchTransitions.Shards.Select(move => move.Event).Distinct().Order());
        Assert.Equal(Enum.GetValues<EntryEvent>(), BatchTransitions.Entries.Select(move => move.Event).Distinct().Order());
    }

    [Fact]
    public void An_answered_entry_is_never_asked_again() =>
        Assert.DoesNotContain(BatchTransitions.Entries, move => move.From == EntryStatus.Succeeded);

    [Fact]
    public void Target_follows_the_table()
    {
        Assert.Equal(ShardStatus.Submitted, BatchTransitions.Target(ShardStatus.Unconfirmed, ShardEvent.Adopt));
        Assert.Equal(BatchStatus.Running, BatchTransitions.Target(BatchStatus.Building, BatchEvent.Submit));
    }

    [Fact]
    public void Target_of_a_move_that_is_not_in_the_table_is_a_mistake_in_the_code() =>
        Assert.Throws<InvalidOperationException>(() => BatchTransitions.Target(ShardStatus.Ended, ShardEvent.GiveUp));

    [Fact]
    public void Counts_add_up() => Assert.Equal(111_111, new EntryCounts(1, 10, 100, 1_000, 10_000, 100_000).Total);

    private static void AssertReachable<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, TStatus start)
        where TStatus : struct, Enum
        where TEvent : struct, Enum
    {
        var reached = new HashSet<TStatus> { start };
        while (table.Any(move => reached.Contains(move.From) && reached.Add(move.To)))
        {
        }

        Assert.Equal(Enum.GetValues<TStatus>(), reached.Order());
    }

    private static void AssertLeft<TStatus, TEvent>(IReadOnlyList<Transition<TStatus, TEvent>> table, Func<TStatus, bool> isTerminal)
        where TStatus : struct, Enum
        where TEvent : struct, Enum =>
        Assert.All(Enum.GetValues<TStatus>().Where(status => !isTerminal(status)), status => Assert.Contains(table, move => move.From.Equals(status)));
}
