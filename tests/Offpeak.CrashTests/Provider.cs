using System.Collections.Concurrent;
using Offpeak.CrashTests.Worker;
using Offpeak.Testing;

namespace Offpeak.CrashTests;

/// <summary>The provider of a run: an emulator in the test's own process, so that it outlives every worker.</summary>
internal sealed class Provider : IAsyncDisposable
{
    private static readonly EmulatorOptions Fast = new()
    {
        ValidatingDuration = TimeSpan.FromMilliseconds(30),
        BatchDuration = TimeSpan.FromMilliseconds(120),
        FinalizingDuration = TimeSpan.FromMilliseconds(30),
    };

    private readonly ConcurrentDictionary<int, string> firstAsked = new();

    private Provider(EmulatorServer emulator)
    {
        Emulator = emulator;
        emulator.Answers = Answer;
    }

    public EmulatorServer Emulator { get; }

    public static async Task<Provider> StartAsync(bool finishes, IEnumerable<Fault> faults)
    {
        var options = finishes ? Fast : Fast with { BatchDuration = TimeSpan.FromHours(1), CancellingDuration = TimeSpan.FromHours(1) };
        return new Provider(await EmulatorServer.StartAsync(options with { Faults = [.. faults] }));
    }

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();

    // An entry that fails at first fails in the first provider batch that asks for it, however often that one is made.
    private EmulatedAnswer Answer(EmulatedRequest request)
    {
        var number = int.Parse(request.Prompt.Trim().Split(' ')[^1]);
        if (Workload.IsRefused(number))
            return EmulatedAnswer.Fail(400, "This question is refused.", "refused");
        var key = request.CustomId![..request.CustomId!.LastIndexOf('-')];
        return Workload.FailsAtFirst(number) && firstAsked.GetOrAdd(number, key) == key
            ? EmulatedAnswer.Fail(500, "A passing failure.")
            : EmulatedAnswer.Say(Workload.Answer(number));
    }
}
