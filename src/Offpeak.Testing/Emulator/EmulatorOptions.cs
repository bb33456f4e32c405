namespace Offpeak.Testing;

/// <summary>How the emulator behaves when no fault is scripted. Copied when the server starts; later changes have no effect.</summary>
public sealed record EmulatorOptions
{
    /// <summary>TCP port on the loopback interface; 0 takes a free one. Default 0.</summary>
    public int Port { get; init; }

    /// <summary>The clock that batch states are computed from. Default the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The one accepted API key; null accepts any non-empty key. Default null.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How long a new batch stays <c>validating</c>. Default 200 ms.</summary>
    public TimeSpan ValidatingDuration { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a batch runs; its counts grow linearly over this time. Default 1 s.</summary>
    public TimeSpan BatchDuration { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a finished batch stays <c>finalizing</c>. Default 100 ms.</summary>
    public TimeSpan FinalizingDuration { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Goes from running to completed at once, as small batches are seen to do. Default false.</summary>
    public bool SkipFinalizing { get; init; }

    /// <summary>How long a batch stays <c>cancelling</c> (up to ten minutes at OpenAI). Default 100 ms.</summary>
    public TimeSpan CancellingDuration { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>When an unfinished batch expires, counted from its creation. Default 24 h.</summary>
    public TimeSpan CompletionWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Writes result lines in another order than the input's. Default false.</summary>
    public bool ShuffleResults { get; init; }

    /// <summary>Decides the order of shuffled results. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Enqueued tokens (a quarter of the input file's bytes) that all unfinished batches may hold together; a batch over
    /// it fails with <c>token_limit_exceeded</c>. Default null: no limit.
    /// </summary>
    public long? EnqueuedTokenLimit { get; init; }

    /// <summary>How long a batch can be read after its creation; null keeps it for ever. Default null.</summary>
    public TimeSpan? BatchRetention { get; init; }

    /// <summary>How long files live when the caller does not say. Default 30 days (OpenAI API reference: Upload file).</summary>
    public TimeSpan FileRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Requests one batch may hold. Default 50,000 (OpenAI Batch guide: rate limits).</summary>
    public int MaxBatchRequests { get; init; } = 50_000;

    /// <summary>Bytes one batch input file may hold. Default 209,715,200 (OpenAI Batch guide: rate limits).</summary>
    public long MaxInputFileBytes { get; init; } = 209_715_200;

    /// <summary>
    /// Providers that are to behave otherwise than by default, such as <c>new EmulatedOpenAI { Dialect = … }</c>; all others are served as
    /// they are. Default none.
    /// </summary>
    public IReadOnlyList<EmulatedProvider> Providers { get; init; } = [];

    /// <summary>Faults armed from the start; more can be added while the server runs. Default none.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];
}
