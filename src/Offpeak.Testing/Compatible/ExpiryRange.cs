namespace Offpeak.Testing.Compatible;

/// <summary>Seconds a file may be told to live: an hour to 30 days (OpenAI API reference: Upload file).</summary>
internal static class ExpiryRange
{
    private const int Least = 3_600;
    private const int Most = 2_592_000;

    public static bool Holds(int seconds) => seconds is >= Least and <= Most;

    public static string Message(string param) => $"Invalid '{param}': expected a value from {Least} to {Most}.";
}
