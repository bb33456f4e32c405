using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Conformance.Local;

/// <summary>What the store knows of a batch, without a store: the entries that have no result yet.</summary>
internal sealed class OpenEntries(MemorySubmission submission)
{
    private readonly ConcurrentDictionary<string, bool> settled = new(StringComparer.Ordinal);

    /// <summary>The token of the last reading, cancelled once the provider takes no more entries.</summary>
    public CancellationToken Reading { get; private set; }

    /// <summary>Notes a result; a passing failure leaves its entry open.</summary>
    public void Settle(ProviderResult result)
    {
        if (!result.IsPassing)
            Assert.True(settled.TryAdd(result.WireId!, true), $"{result.WireId} has two results.");
    }

    public async IAsyncEnumerable<SubmissionEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Reading = cancellationToken;
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
        {
            if (!settled.ContainsKey(entry.WireId))
                yield return entry;
        }
    }
}
