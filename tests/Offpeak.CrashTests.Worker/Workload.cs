using System.Text;

namespace Offpeak.CrashTests.Worker;

/// <summary>The batch that every run works on: two models, and entries whose answer can be told from their question.</summary>
internal static class Workload
{
    public const string InputKey = "crash";
    public const string Handler = "effects";
    public const string Model = "openai/gpt-5-nano";
    public const int EntryCount = 16;
    public const int AddedAtOnce = 6;

    public static IEnumerable<NewEntry> Entries => Enumerable.Range(0, EntryCount).Select(Entry);

    public static string CustomId(int number) => $"entry/{number} ü";

    public static string Question(int number) => $"question {number}";

    public static string Answer(int number) => $"answer to {Question(number)}";

    /// <summary>Fails for a passing reason the first time it is asked.</summary>
    public static bool FailsAtFirst(int number) => number % 5 == 1;

    public static bool IsRefused(int number) => number == 3;

    private static NewEntry Entry(int number)
    {
        var model = number % 3 == 0 ? "gpt-4.1-nano" : "gpt-5-nano";
        var body = $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{Question(number)}}"}]}""";
        return NewEntry.FromBody(CustomId(number), Encoding.UTF8.GetBytes(body), model);
    }
}
