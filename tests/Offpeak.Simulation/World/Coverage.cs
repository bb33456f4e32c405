using Offpeak.Diagnostics;
using Offpeak.Simulation.Store;

namespace Offpeak.Simulation.World;

/// <summary>"Sometimes" assertions: counts what a run of seeds has reached. A simulation that never reaches a branch proves nothing about it.</summary>
internal sealed class Coverage
{
    /// <summary>Verbs that need not fail in a run of a few hundred seeds, and why.</summary>
    private static readonly Dictionary<string, string> Excused = new()
    {
        ["MigrateAsync"] = "every world starts from a migrated file",
        ["CountTroubleAsync"] = "only what a tick says hangs on it",
        ["CountErrorsAsync"] = "only people read it",
        ["CountCutOffAsync"] = "only people read it",
        ["FindTablesAsync"] = "every world starts from a migrated file",
        ["AddDoubleAsync"] = "a double that is found late is so rare that its note fails only in runs of thousands of seeds",
        ["ReleaseInputKeyAsync"] = "one statement at a user's word, which no step depends on",
    };

    private readonly long[] points = new long[Enum.GetValues<FlowPoint>().Length];
    private readonly long[] faults = new long[Enum.GetValues<Fault>().Length];
    private readonly Dictionary<(string Verb, Fault Failure), long> verbs = [];
    private TimeSpan longest;

    public void Count(FlowPoint point) => Interlocked.Increment(ref points[(int)point]);

    public void Count(Fault fault) => Interlocked.Increment(ref faults[(int)fault]);

    public void Count(string verb, Fault failure)
    {
        lock (verbs)
            verbs[(verb, failure)] = verbs.GetValueOrDefault((verb, failure)) + 1;
    }

    /// <summary>Notes how long a world took to come to rest after its last fault.</summary>
    public void NoteRest(TimeSpan time)
    {
        lock (verbs)
            longest = time > longest ? time : longest;
    }

    public List<string> NeverReached() =>
    [
        .. Enum.GetValues<FlowPoint>().Where(point => points[(int)point] == 0).Select(point => $"flow point {point}"),
        .. Enum.GetValues<Fault>().Where(fault => faults[(int)fault] == 0).Select(fault => $"fault {fault}"),
        .. from verb in FaultyStore.Verbs.Except(Excused.Keys)
           from failure in (Fault[])[Fault.StoreFailsBefore, Fault.StoreFailsAfter]
           where !verbs.ContainsKey((verb, failure))
           select $"{failure} of {verb}",
    ];

    public override string ToString() => string.Join(
        ", ",
        Enum.GetValues<FlowPoint>().Select(point => $"{point} {points[(int)point]}")
            .Concat(Enum.GetValues<Fault>().Select(fault => $"{fault} {faults[(int)fault]}"))
            .Concat(verbs.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key.Verb} {pair.Key.Failure} {pair.Value}"))
            .Append($"at rest {longest} after the last fault at the latest"));
}
