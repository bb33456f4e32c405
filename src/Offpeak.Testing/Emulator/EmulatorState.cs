namespace Offpeak.Testing;

/// <summary>What all providers of one emulator share.</summary>
internal sealed class EmulatorState : IDisposable
{
    public EmulatorState(EmulatorOptions options)
    {
        Options = options;
        Faults = new FaultScript(options.Faults);
        Files = new FileStore(options);
        Batches = new BatchStore(options);
    }

    public EmulatorOptions Options { get; }

    public TimeProvider Time => Options.TimeProvider;

    public FaultScript Faults { get; }

    public FileStore Files { get; }

    public BatchStore Batches { get; }

    public RequestLog Log { get; } = new();

    public Func<EmulatedRequest, EmulatedAnswer?>? Answers { get; set; }

    public void Dispose() => Files.Dispose();
}
