using System.Globalization;

namespace Offpeak.Simulation.World;

/// <summary>What happened, line by line, and a hash over all of it: two runs of one seed must agree in it.</summary>
internal sealed class Trace
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;
    private const int Kept = 40;

    private readonly Queue<string> last = new();
    private readonly int kept;

    public Trace(bool everything) => kept = everything ? int.MaxValue : Kept;

    public ulong Hash { get; private set; } = FnvOffset;

    public IEnumerable<string> Lines => last;

    /// <summary>Adds a line. Must hold nothing that differs between two runs of one seed, such as a submission key.</summary>
    public void Add(DateTimeOffset now, int depth, string text)
    {
        var line = $"{(now - Simulation.Start).ToString("c", CultureInfo.InvariantCulture)} {new string(' ', 2 * depth)}{text}";
        foreach (var c in line)
            Hash = (Hash ^ c) * FnvPrime;
        last.Enqueue(line);
        if (last.Count > kept)
            last.Dequeue();
    }
}
