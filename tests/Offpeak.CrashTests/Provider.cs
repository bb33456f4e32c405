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
    private readonly ShiftedTime time;
    private int calls;

    private Provider(EmulatorServer emulator, ShiftedTime time, bool hasSchema)
    {
        Emulator = emulator;
        this.time = time;
        this.hasSchema = hasSchema;
        emulator.Answers = Answer;
    }

    public EmulatorServer Emulator { get; }

    public static async Task<Provider> StartAsync(Scenario scenario)
    {
        var time = new ShiftedTime();
        var options = Fast with
        {
            TimeProvider = time,
            BatchDuration = scenario.BatchDuration,
            CancellingDuration = scenario.End == RunEnd.Expired ? scenario.BatchDuration : Fast.CancellingDuration,
            Faults = [.. scenario.Faults],
        };
        return new Provider(await EmulatorServer.StartAsync(options), time, scenario.Worker.HasSchema);
    }

    /// <summary>Lets so much time pass at once.</summary>
    public void Pass(TimeSpan span) => time.Pass(span);

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

/// <summary>The time of the system, and then some.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));

    public void Pass(TimeSpan span) => Interlocked.Add(ref ahead, span.Ticks);
}
