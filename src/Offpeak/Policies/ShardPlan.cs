using Offpeak.Providers;

namespace Offpeak.Policies;

/// <summary>Cuts a stream of entries of one model into shards that stay within a provider's limits.</summary>
internal sealed class ShardPlan(ProviderCapabilities limits, int wireIdBytes)
{
    private int entries;
    private long bytes;

    /// <summary>Entries in the open shard.</summary>
    public int Entries => entries;

    /// <summary>Sum of body lengths in the open shard.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>Whether one entry is too large for any shard.</summary>
    public bool IsTooLarge(int requestBytes) => Size(requestBytes) > limits.MaxBytes;

    /// <summary>Takes an entry into the open shard; false if it belongs into the next one.</summary>
    public bool TryTake(int requestBytes)
    {
        if (entries == limits.MaxEntries || (entries > 0 && bytes + Size(requestBytes) > limits.MaxBytes))
            return false;
        entries++;
        bytes += Size(requestBytes);
        BodyBytes += requestBytes;
        return true;
    }

    private long Size(int requestBytes) => requestBytes + wireIdBytes + limits.EntryOverheadBytes;
}
