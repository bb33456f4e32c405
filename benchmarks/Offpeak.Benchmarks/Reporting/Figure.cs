namespace Offpeak.Benchmarks.Reporting;

/// <summary>One line of the table. Rates are to be high, everything else low.</summary>
internal sealed record Figure(string What, Unit Unit, double Measured)
{
    public double? Bar { get; init; }

    /// <summary>The same work by plain code without the engine, in the same run: it takes the machine's mood out of the ratio.</summary>
    public double? Baseline { get; init; }

    /// <summary>A bar for the ratio to the baseline.</summary>
    public double? RatioBar { get; init; }

    public bool? IsMet => (Bar, RatioBar) is (null, null)
        ? null
        : (Bar is not { } bar || Meets(Measured, bar)) && (RatioBar is not { } ratioBar || (Ratio is { } ratio && Meets(ratio, ratioBar)));

    public double? Ratio => Baseline is { } baseline ? Measured / baseline : null;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private bool Meets(double value, double bar) => Unit == Unit.PerSecond ? value >= bar : value <= bar;
}
