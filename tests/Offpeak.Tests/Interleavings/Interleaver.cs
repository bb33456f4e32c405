using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Interleavings;

/// <summary>
/// Two processes that take turns verb by verb of their stores. A run follows a list of turns and then lets each go on to its end; what else
/// could have been chosen becomes the lists of later runs, so that in the end every order was seen that changes sides at most so many times.
/// </summary>
internal sealed class Interleaver(IReadOnlyList<int> turns, TimeSpan? suspension)
{
    private readonly List<Turn> taken = [];
    private Side? current;

    /// <summary>Whether a side that loses the turn sleeps for longer than its lease.</summary>
    public bool Suspends => suspension is not null;

    /// <summary>Runs both sides to their end.</summary>
    public async Task RunAsync(World world, (Engine Engine, Func<Task> Act) one, (Engine Engine, Func<Task> Act) two)
    {
        Side[] sides = [new(one.Engine, one.Act), new(two.Engine, two.Act)];
        foreach (var side in sides)
            side.Begin();

        // What one enqueues, the other must not run in its place: it waits until both are done.
        world.Queue.OnAdvance = null;
        world.Provider.OnStatus = batch =>
        {
            current!.Stop();
            return Task.FromResult(batch.Snapshot);
        };
        try
        {
            for (var last = 0; !Array.TrueForAll(sides, side => side.IsDone); last = taken[^1].Side)
                await TakeTurnAsync(world, sides, last);
        }
        finally
        {
            world.Provider.OnStatus = null;
            foreach (var side in sides)
                side.Dispose();
        }

        foreach (var side in sides)
            await side.Ended;
    }

    /// <summary>The lists of turns that this run passed by.</summary>
    /// <param name="mostChanges">How often a list may leave a side that could have gone on.</param>
    public IEnumerable<IReadOnlyList<int>> Alternatives(int mostChanges)
    {
        for (var i = turns.Count; i < taken.Count; i++)
        {
            if (!taken[i].WasFree)
                continue;

            int[] other = [.. taken.Take(i).Select(turn => turn.Side), 1 - taken[i].Side];
            if (Changes(other) <= mostChanges)
                yield return other;
        }
    }

    private async Task TakeTurnAsync(World world, Side[] sides, int last)
    {
        var isFree = Array.TrueForAll(sides, side => !side.IsDone);
        var wanted = taken.Count < turns.Count ? turns[taken.Count] : last;
        var chosen = sides[wanted].IsDone ? 1 - wanted : wanted;
        taken.Add(new Turn(chosen, isFree));
        if (suspension is { } time && chosen != last && !sides[last].IsDone && sides[last].HasBegun)
        {
            sides[last].Engine.Clock.IsSuspended = true;
            world.Time.Advance(time);
        }

        current = sides[chosen];
        current.Engine.Clock.IsSuspended = false;
        await current.GoAsync();
    }

    private int Changes(int[] sides)
    {
        var changes = sides[0];
        for (var i = 1; i < sides.Length; i++)
        {
            if (sides[i] != sides[i - 1] && (i >= taken.Count || taken[i].WasFree))
                changes++;
        }

        return changes;
    }

    /// <summary>Whose turn it was, and whether the other side could have had it.</summary>
    private readonly record struct Turn(int Side, bool WasFree);

    /// <summary>One process: stands before a verb until it is told to go on to the next.</summary>
    private sealed class Side(Engine engine, Func<Task> act) : IDisposable
    {
        private readonly SemaphoreSlim go = new(0);
        private readonly Lock gate = new();
        private TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool isFree;

        public Engine Engine => engine;

        public bool HasBegun { get; private set; }

        public bool IsDone => Ended.IsCompleted;

        public Task Ended { get; private set; } = Task.CompletedTask;

        public void Begin()
        {
            // A lease is renewed beside the work, whoever has the turn.
            engine.Hooks.OnVerb = verb =>
            {
                if (verb != "RenewLeaseAsync")
                    Stop();
            };
            Ended = Task.Run(async () =>
            {
                await go.WaitAsync();
                await act();
            });
        }

        public void Stop()
        {
            if (isFree)
                return;

            lock (gate)
            {
                stopped.TrySetResult();
                go.Wait();
            }
        }

        public async Task GoAsync()
        {
            HasBegun = true;
            stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
            go.Release();
            await Task.WhenAny(stopped.Task, Ended).WaitAsync(TimeSpan.FromSeconds(30));
        }

        public void Dispose()
        {
            isFree = true;
            engine.Hooks.OnVerb = null;
            go.Release(100);
        }
    }
}
