using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Offpeak.Storage;

namespace Offpeak.Benchmarks.Bed;

/// <summary>A store that counts and times every verb: no transaction is longer than the verb that it is in.</summary>
internal sealed class VerbTimes
{
    private readonly ConcurrentDictionary<string, Tally> tallies = new();

    /// <summary>Verbs called since the last <see cref="Reset"/>.</summary>
    public int Count => tallies.Values.Sum(tally => tally.Count);

    public (string Verb, TimeSpan Took) Longest =>
        tallies.Select(tally => (tally.Key, tally.Value.Longest)).DefaultIfEmpty(("none", TimeSpan.Zero)).MaxBy(verb => verb.Item2);

    public void Reset() => tallies.Clear();

    public IOffpeakStore Around(IOffpeakStore store)
    {
        var proxy = DispatchProxy.Create<IOffpeakStore, Watched>();
        (((Watched)proxy).Store, ((Watched)proxy).Times) = (store, this);
        return proxy;
    }

    public void Print()
    {
        foreach (var (verb, tally) in tallies.OrderByDescending(tally => tally.Value.Total))
            Console.Error.WriteLine($"    {verb}: {tally.Count:N0} times, {tally.Total.TotalSeconds:0.000} s, longest {tally.Longest.TotalSeconds:0.000} s");
    }

    private void Note(string verb, TimeSpan took) => tallies.AddOrUpdate(
        verb,
        _ => new Tally(1, took, took),
        (_, tally) => new Tally(tally.Count + 1, tally.Total + took, took > tally.Longest ? took : tally.Longest));

    private sealed record Tally(int Count, TimeSpan Total, TimeSpan Longest);

#pragma warning disable CA1852 // DispatchProxy derives from it.
    private class Watched : DispatchProxy
#pragma warning restore CA1852
    {
        public IOffpeakStore Store { get; set; } = null!;

        public VerbTimes Times { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var begun = Stopwatch.GetTimestamp();
            var result = targetMethod!.Invoke(Store, BindingFlags.DoNotWrapExceptions, null, args, null);
            if (result is Task { IsCompleted: false } task)
                task.ContinueWith(_ => Note(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            else
                Note();

            return result;

            void Note() => Times.Note(targetMethod.Name, Stopwatch.GetElapsedTime(begun));
        }
    }
}
