namespace Offpeak.Benchmarks.Reporting;

/// <summary>One line of the table. Rates are to be high, times and sizes low.</summary>
internal sealed record Figure(string What, Unit Unit, double Measured)
{
    public double? Bar { get; init; }

    /// <summary>The same work by the shortest code there is, in the same run: it takes the machine's mood out of the ratio.</summary>
    public double? Baseline { get; init; }

    public bool? IsMet => Bar is not { } bar ? null : Unit == Unit.PerSecond ? Measured >= bar : Measured <= bar;

    public double? Ratio => Baseline is { } baseline ? Measured / baseline : null;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
