namespace Offpeak.Cli.Output;

/// <summary>US dollars for people: as many digits as a small amount needs.</summary>
internal static class Dollars
{
    public static string Text(decimal? amount) => amount switch
    {
        null => "unknown",
        0 => "$0",
        > 0 and < 0.000001m => "<$0.000001",
        < 0.01m => $"${amount:0.######}",
        < 1m => $"${amount:0.0000}",
        _ => $"${amount:N2}",
    };
}
