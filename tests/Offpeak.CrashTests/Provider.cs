using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Offpeak.CrashTests.Worker;
using Offpeak.Testing;

namespace Offpeak.CrashTests;

/// <summary>The provider of a run: an emulator in the test's own process, so that it outlives every worker.</summary>
internal sealed partial class Provider : IAsyncDisposable
{
    private static readonly EmulatorOptions Fast = new()
    {
        ValidatingDuration = TimeSpan.FromMilliseconds(30),
        BatchDuration = TimeSpan.FromMilliseconds(120),
        FinalizingDuration = TimeSpan.FromMilliseconds(30),
        Providers = [new EmulatedAnthropic { PollAfter = TimeSpan.Zero }],
    };

    private readonly ConcurrentDictionary<int, string> firstAsked = new();

    private readonly bool hasSchema;
    private int calls;

    private Provider(EmulatorServer emulator, bool hasSchema)
    {
        Emulator = emulator;
        this.hasSchema = hasSchema;
        emulator.Answers = Answer;
    }

    public EmulatorServer Emulator { get; }

    public static async Task<Provider> StartAsync(Scenario scenario)
    {
        var options = scenario.Finishes ? Fast : Fast with { BatchDuration = TimeSpan.FromHours(1), CancellingDuration = TimeSpan.FromHours(1) };
        return new Provider(await EmulatorServer.StartAsync(options with { Faults = [.. scenario.Faults] }), scenario.HasSchema);
    }

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();

    // An entry that fails at first fails in the first provider batch that asks for it, however often that one is made; a synchronous call, which
    // belongs to none, is a batch of its own.
    private EmulatedAnswer Answer(EmulatedRequest request)
    {
        var number = NumberIn(request.Prompt);
        if (Workload.IsRefused(number))
            return EmulatedAnswer.Fail(400, "This question is refused.", "refused");
        var key = request.CustomId is { } id ? id[..id.LastIndexOf('-')] : $"call {Interlocked.Increment(ref calls)}";
        var isFirst = firstAsked.GetOrAdd(number, key) == key;
        if (isFirst && Workload.FailsAtFirst(number))
            return EmulatedAnswer.Fail(500, "A passing failure.");
        if (!hasSchema)
            return EmulatedAnswer.Say(Workload.Answer(number));
        return EmulatedAnswer.Say(isFirst && Workload.IsInvalidAtFirst(number) ? "not what was asked for" : Workload.StructuredAnswer(number));
    }

    // A conversation that went on holds further texts after the question.
    private static int NumberIn(string prompt) => int.Parse(Question().Match(prompt).Groups[1].Value);

    [GeneratedRegex("question ([0-9]+)")]
    private static partial Regex Question();
}
