using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Local;

/// <summary>
/// Runs a batch through any chat client, one call an entry: a server of one's own, a provider without a Batch API, a model that cannot be
/// batched. Statuses, results, rounds and handlers are the same as everywhere; there is no discount. The batch lives in the store alone, so
/// a crash loses at most the calls in flight.
/// </summary>
public sealed class LocalBatchProvider : IBatchProvider, IDisposable
{
    private readonly LocalOptions options;
    private readonly TimeProvider time;
    private readonly LocalCall call;
    private readonly SemaphoreSlim slots;

    /// <summary>Makes a provider. The client should not retry by itself; the provider does, and keeps to the limits.</summary>
    /// <param name="client">Called for each entry, by several threads at once.</param>
    /// <param name="options">The settings, copied.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    public LocalBatchProvider(IChatClient client, LocalOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        this.options = options?.Copy() ?? new LocalOptions();
        this.time = time ?? TimeProvider.System;
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.MaxConcurrency, 1, nameof(options));
        call = new LocalCall(client, this.options, this.time);
        slots = new SemaphoreSlim(this.options.MaxConcurrency);
    }

    /// <inheritdoc/>
    public string Name => options.Name;

    /// <inheritdoc/>
    public ProviderCapabilities Capabilities { get; } = new()
    {
        MaxEntries = 1_000_000,
        MaxBytes = long.MaxValue,
        EntryOverheadBytes = 0,
        MaxAge = null,
        PriceFactor = 1,
        AnswersOneByOne = true,
        TakesOpenAIBodies = false,
        Endpoints = [BatchEndpoint.Responses, BatchEndpoint.Chat],
    };

    /// <inheritdoc/>
    public IEntryCodec Codec { get; } = new LocalCodec();

    /// <inheritdoc/>
    public string? KeyFingerprint => null;

    /// <summary>Takes the batch on. Nothing is sent yet.</summary>
    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        await submission.BeginCreateAsync(cancellationToken);
        return new ProviderReceipt(submission.Key.Value, new ProviderStatus("in_progress"));
    }

    /// <summary>A batch that was begun is always there: it is in the store.</summary>
    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.FromResult(FindResult.Found([request.Key.Value]));
    }

    /// <summary>Running while an entry is open. The next poll follows at once, because polls are what makes the calls.</summary>
    public async Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.CancelRequested)
            return new ProviderSnapshot { State = ProviderBatchState.Canceled, Status = new ProviderStatus("canceled") };
        await foreach (var _ in batch.ReadOpenEntriesAsync(cancellationToken))
        {
            return new ProviderSnapshot
            {
                State = ProviderBatchState.Running,
                Status = new ProviderStatus("in_progress"),
                HasPartialResults = true,
                PollDelay = TimeSpan.Zero,
            };
        }

        return new ProviderSnapshot { State = ProviderBatchState.Ended, Status = new ProviderStatus("completed") };
    }

    /// <summary>
    /// Answers open entries for <see cref="LocalOptions.SliceDuration"/>, and gives each result as it comes. What was answered before a failure
    /// stopped the slice, or before it was cancelled, is given first; then the failure is thrown.
    /// </summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.CancelRequested)
            yield break;
        using var left = new CancellationTokenSource();
        var slice = new LocalSlice(call, slots, options, time);
        var work = slice.RunAsync(batch, cancellationToken, left.Token);
        try
        {
            await foreach (var result in slice.Results.ReadAllAsync(CancellationToken.None))
                yield return result;
        }
        finally
        {
            // Whoever stops reading wants no further calls. What a chat client does when it hears of that is none of ours.
            await left.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await work;
        }
    }

    /// <summary>Nothing to do: no further call begins once the wish is noted.</summary>
    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing to do: there are no files.</summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => slots.Dispose();
}
