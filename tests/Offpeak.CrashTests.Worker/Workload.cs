using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Offpeak.CrashTests.Worker;

/// <summary>The batch that every run works on: two models, and entries whose answer can be told from their question.</summary>
internal static class Workload
{
    public const string InputKey = "crash";
    public const string Handler = "effects";
    public const string Model = "gpt-5-nano";
    public const string OtherModel = "gpt-4.1-nano";
    public const int EntryCount = 16;
    public const int AddedAtOnce = 6;

    /// <summary>The entry whose answer the database refuses, where it refuses one.</summary>
    public const int OddNumber = 7;

    private static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(
        """{"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"],"additionalProperties":false}""");

    public static IEnumerable<NewEntry> Entries(WorkerSettings settings) => Enumerable.Range(0, EntryCount).Select(number => Entry(settings, number));

    public static string CustomId(int number) => $"entry/{number} ü";

    public static string Question(int number) => $"question {number}";

    public static string Answer(int number) => $"answer to {Question(number)}";

    /// <summary>Fails for a passing reason the first time it is asked.</summary>
    public static bool FailsAtFirst(int number) => number % 5 == 1;

    public static bool IsRefused(int number) => number == 3;

    /// <summary>Is answered against its schema the first time it is asked, where there is one.</summary>
    public static bool IsInvalidAtFirst(int number) => number % 5 == 2;

    public static string StructuredAnswer(int number) => $$"""{"answer":"{{Answer(number)}}"}""";

    private static NewEntry Entry(WorkerSettings settings, int number) => NewEntry.FromPrompt(
        CustomId(number),
        Question(number),
        new ChatOptions
        {
            ModelId = number % 3 == 0 ? OtherModel : Model,
            ResponseFormat = settings.HasSchema ? ChatResponseFormat.ForJsonSchema(Schema, "answer") : null,
        });
}
