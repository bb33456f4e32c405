namespace Offpeak.Testing;

/// <summary>What all providers of one emulator share.</summary>
internal sealed class EmulatorState : IDisposable
{
    public EmulatorState(EmulatorOptions options)
    {
        Options = options;
        Faults = new FaultScript(options.Faults);
        Files = new FileStore(options.TimeProvider, options.FileRetention);
        Batches = new EmulatedBatches(options.TimeProvider, options.BatchRetention);
        Pace = new BatchPace(
            options.ValidatingDuration,
            options.BatchDuration,
            options.SkipFinalizing ? null : options.FinalizingDuration,
            options.CancellingDuration,
            options.CompletionWindow);
    }

    public EmulatorOptions Options { get; }

    public TimeProvider Time => Options.TimeProvider;

    public FaultScript Faults { get; }

    public FileStore Files { get; }

    public EmulatedBatches Batches { get; }

    public BatchPace Pace { get; }

    public RequestLog Log { get; } = new();

    public Func<EmulatedRequest, EmulatedAnswer?>? Answers { get; set; }

    public ResultComposer ComposerOf(IResultLines lines) => new(Files, lines, Options.ShuffleResults, Options.Seed);

    public void Dispose() => Files.Dispose();
}
