using Spectre.Console;

namespace Offpeak.Benchmarks.Reporting;

/// <summary>The one table.</summary>
internal sealed class Report(Scale scale)
{
    private const int Width = 160;

    private readonly List<(string Name, Figure Figure)> rows = [];

    public bool IsShort => !scale.Quick && rows.Exists(row => row.Figure.IsMet == false);

    public void Add(string name, Figure figure)
    {
        rows.Add((name, figure));
        Console.Error.WriteLine($"  {string.Join(" | ", Cells(name, figure))}");
    }

    public void Print(string machine)
    {
        var table = new Table().Border(scale.Markdown ? TableBorder.Markdown : TableBorder.Simple);
        table.AddColumns("Name", "What", "Bar", "Measured", "Raw", "Ratio", "");
        foreach (var (name, figure) in rows)
            table.AddRow([.. Cells(name, figure).Select(Markup.Escape)]);

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No });
        console.Profile.Width = Width;
        console.Write(table);
        console.WriteLine(machine);
        if (scale.Quick)
            console.WriteLine("Quick run: small inputs, one round; the figures prove only that the benchmarks work.");
    }

    private static string[] Cells(string name, Figure figure) =>
    [
        name,
        figure.What,
        string.Join(", ", Bars(figure)),
        Text(figure.Measured, figure.Unit),
        figure.Baseline is { } baseline ? Text(baseline, figure.Unit) : "",
        figure.Ratio is { } ratio ? ratio.ToString("0.00") : "",
        figure.IsMet switch { true => "ok", false => "short", _ => "" },
    ];

    private static IEnumerable<string> Bars(Figure figure)
    {
        var sign = figure.Unit == Unit.PerSecond ? ">=" : "<=";
        if (figure.Bar is { } bar)
            yield return $"{sign} {Text(bar, figure.Unit)}";

        if (figure.RatioBar is { } ratio)
            yield return $"{sign} {ratio:0.0#}x";
    }

    private static string Text(double value, Unit unit) => unit switch
    {
        Unit.PerSecond => $"{value:N0}/s",
        Unit.Seconds => $"{value:0.000} s",
        Unit.Microseconds => $"{value:N0} us",
        Unit.Count => $"{value:N0}",
        _ => $"{value:N0} MB",
    };
}
