using Offpeak.Simulation.World;

namespace Offpeak.Simulation;

/// <summary>Runs seeds, one world each, and turns a broken promise into a message that says how to see it again.</summary>
internal static class SeedRunner
{
    public static ulong Run(int seed, Coverage coverage, Action<string>? show = null)
    {
        using var world = new World.Simulation(Plan.FromSeed(new Random(seed * 7919)), seed, faulty: true, coverage, show is not null);
        return Run(world, $"Seed {seed} (OFFPEAK_SIM_SEED={seed} replays it)", show);
    }

    public static ulong Run(World.Simulation world, string name, Action<string>? show = null)
    {
        try
        {
            world.Run();
        }
        catch (GuaranteeViolatedException error)
        {
            throw new GuaranteeViolatedException($"{name}: {error.Message}\n{string.Join('\n', world.Trace.Lines.TakeLast(40))}", error);
        }
        finally
        {
            foreach (var line in show is null ? [] : world.Trace.Lines)
                show!(line);
        }

        return world.Trace.Hash;
    }

    /// <summary>
    /// Runs seeds on as many threads as there are processors. Threads of their own: a world blocks while the engine's parallel loops use
    /// the pool.
    /// </summary>
    public static List<string> RunMany(int first, int count, Action<int> run)
    {
        ThreadPool.SetMinThreads(16, 16);
        var failures = new List<string>();
        var next = first - 1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failures;

        void Work()
        {
            for (var seed = Interlocked.Increment(ref next); seed < first + count; seed = Interlocked.Increment(ref next))
            {
                try
                {
                    run(seed);
                }
                catch (Exception error)
                {
                    lock (failures)
                        failures.Add(error is GuaranteeViolatedException ? error.Message : $"{seed}: {error}");
                }
            }
        }
    }
}
