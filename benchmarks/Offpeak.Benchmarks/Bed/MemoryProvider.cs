using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.OpenAI;
using Offpeak.Providers;

namespace Offpeak.Benchmarks.Bed;

/// <summary>A provider without a wire: takes every entry at once and has results that are already parsed. One instance outlives the engine.</summary>
internal sealed class MemoryProvider(string name = "memory") : IBatchProvider
{
    private readonly ConcurrentDictionary<SubmissionKey, List<string>> taken = new();

    public string Name => name;

    public ProviderCapabilities Capabilities { get; } = new();

    public IEntryCodec Codec { get; } = new OpenAICodec();

    public string? KeyFingerprint => null;

    /// <summary>Share of the entries that are answered; the others fail for good. Null: the results mention none.</summary>
    public int? AnswersOneIn { get; set; } = 1;

    /// <summary>What it answers, in turns.</summary>
    public IReadOnlyList<byte[]> Answers { get; init; } = Texts.Answers;

    /// <summary>Whether its batches go on for ever, until they are cancelled.</summary>
    public bool NeverEnds { get; set; }

    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        var ids = new List<string>(submission.EntryCount);
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
            ids.Add(entry.WireId);

        await submission.BeginCreateAsync(cancellationToken);
        taken[submission.Key] = ids;
        return new ProviderReceipt($"batch_{submission.Key}", new ProviderStatus("completed"));
    }

    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var state = !NeverEnds ? ProviderBatchState.Ended : batch.CancelRequested ? ProviderBatchState.Canceled : ProviderBatchState.Running;
        return Task.FromResult(new ProviderSnapshot { State = state, Status = new ProviderStatus(state.ToString()) });
    }

    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (AnswersOneIn is not { } share || NeverEnds)
            yield break;

        var line = 0;
        foreach (var id in taken[batch.Key])
            yield return Result(id, ++line, share);
    }

    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    private ProviderResult Result(string wireId, int line, int share) => line % share != 0
        ? new() { Kind = ProviderResultKind.Failed, WireId = wireId, Line = line, StatusCode = 400, ErrorCode = "invalid_request" }
        : new()
        {
            Kind = ProviderResultKind.Succeeded,
            WireId = wireId,
            Line = line,
            Body = Answers[line % Answers.Count],
            StatusCode = 200,
            Usage = new TokenUsage(510, 0, 270),
            FinishReason = "completed",
            Model = Texts.Model + "-2025-08-07",
        };
}
