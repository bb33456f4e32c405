using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Offpeak.Codec;
using Offpeak.Local;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Local;

/// <summary>
/// A provider that does the work itself: no emulator holds its batches, so its suites ask the same questions of a scripted chat client and
/// of a list of open entries.
/// </summary>
public abstract class LocalSuite : IDisposable
{
    protected const string Key = "sk-canary-0123456789abcdef";
    protected const string Model = "llama3";

    private readonly List<LocalBatchProvider> providers = [];

    protected static SubmissionKey Submitted { get; } = new("op-conformance");

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public void Dispose()
    {
        providers.ForEach(provider => provider.Dispose());
        GC.SuppressFinalize(this);
    }

    private protected LocalBatchProvider Make(ScriptedChatClient client, Action<LocalOptions>? configure = null)
    {
        var options = new LocalOptions { MaxAttempts = 1 };
        configure?.Invoke(options);
        var provider = new LocalBatchProvider(client, options, Clock);
        providers.Add(provider);
        return provider;
    }

    private protected static ScriptedChatClient Echo() => new(prompt => $"Quokka {prompt}");

    private protected static MemorySubmission Shard(LocalBatchProvider provider, int entries) => MemorySubmission.Of(
        Submitted, Model, BatchEndpoint.Chat, entries,
        number => provider.Codec.Encode(Model, BatchEndpoint.Chat, [new ChatMessage(ChatRole.User, $"Question {number:D6}")]));

    private protected static async Task<(ProviderBatchRef Batch, OpenEntries Open)> SubmitAsync(LocalBatchProvider provider, int entries) =>
        await SubmitAsync(provider, Shard(provider, entries));

    private protected static async Task<(ProviderBatchRef Batch, OpenEntries Open)> SubmitAsync(LocalBatchProvider provider, MemorySubmission submission)
    {
        var receipt = await provider.SubmitAsync(submission, default);
        var open = new OpenEntries(submission);
        return (new StoredBatch(submission, receipt.ProviderBatchId, open), open);
    }

    /// <summary>Reads like the engine: each result is noted before the next one is waited for.</summary>
    private protected static async Task<List<ProviderResult>> ReadAsync(
        LocalBatchProvider provider, ProviderBatchRef batch, OpenEntries open, int most = int.MaxValue)
    {
        var results = new List<ProviderResult>();
        await foreach (var result in provider.ReadResultsAsync(batch, default))
        {
            open.Settle(result);
            results.Add(result);
            if (results.Count == most)
                break;
        }

        return results;
    }

    private protected static IEnumerable<string> Ids(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(number => Submitted.WireId(number)).Order();

    /// <summary>A batch as the engine refers to it.</summary>
    [method: SetsRequiredMembers]
    private sealed record StoredBatch(MemorySubmission Submission, string Id, OpenEntries Open) : ProviderBatchRef(Submission.Shard, Id)
    {
        public override IAsyncEnumerable<SubmissionEntry> ReadOpenEntriesAsync(CancellationToken cancellationToken) => Open.ReadAsync(cancellationToken);
    }
}
