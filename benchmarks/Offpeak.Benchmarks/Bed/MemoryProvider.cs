using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.OpenAI;
using Offpeak.Providers;

namespace Offpeak.Benchmarks.Bed;

/// <summary>A provider without a wire: takes everything at once and has results that are already parsed.</summary>
internal sealed class MemoryProvider : IBatchProvider
{
    public string Name => "memory";

    public ProviderCapabilities Capabilities { get; } = new();

    public IEntryCodec Codec { get; } = new OpenAICodec();

    public string? KeyFingerprint => null;

    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        await submission.BeginCreateAsync(cancellationToken);
        return new ProviderReceipt($"batch_{submission.Key}", new ProviderStatus("completed"));
    }

    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        Task.FromResult(new ProviderSnapshot { State = ProviderBatchState.Ended, Status = new ProviderStatus("completed") });

    /// <summary>Entry ids in a new database run from 1.</summary>
    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var id = 1; id <= batch.EntryCount; id++)
            yield return Result(batch.Key.WireId(id), id);
        await Task.CompletedTask;
    }

    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken) => Task.CompletedTask;

    public static ProviderResult Result(string? wireId, long id) => new()
    {
        Kind = ProviderResultKind.Succeeded,
        WireId = wireId,
        Line = id,
        Body = Texts.Answers[id % Texts.Answers.Length],
        StatusCode = 200,
        Usage = new TokenUsage(510, 0, 270),
        FinishReason = "completed",
        Model = Texts.Model + "-2025-08-07",
    };
}
