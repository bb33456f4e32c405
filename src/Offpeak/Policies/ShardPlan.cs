using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Policies;

/// <summary>Fills one shard after the other with entries of one model, within a provider's limits.</summary>
/// <param name="limits">The provider's limits.</param>
/// <param name="maxTokens">Most input tokens of a shard, by estimate; null: no limit.</param>
internal sealed class ShardPlan(ProviderCapabilities limits, long? maxTokens = null)
{
    /// <summary>More entries than this would make the transactions of a shard too long, whatever the provider takes.</summary>
    public const int MostEntries = 50_000;

    /// <summary>Length of the longest wire id.</summary>
    private static readonly int WireIdBytes = SubmissionKey.New().WireId(long.MaxValue).Length;

    private long bytes;

    /// <summary>Entries in the open shard.</summary>
    public int Entries { get; private set; }

    /// <summary>Sum of body lengths in the open shard.</summary>
    public long BodyBytes { get; private set; }

    /// <summary>Input tokens of the open shard, by estimate.</summary>
    public long Tokens => TokenEstimate.FromBytes(BodyBytes).Tokens;

    /// <summary>Whether one entry is too large for any shard.</summary>
    public bool IsTooLarge(int requestBytes) => Size(requestBytes) > limits.MaxBytes;

    /// <summary>Takes an entry into the open shard; false if it belongs into the next one.</summary>
    public bool TryTake(int requestBytes)
    {
        if (Entries > 0 && !HasRoom(requestBytes))
            return false;

        Entries++;
        bytes += Size(requestBytes);
        BodyBytes += requestBytes;
        return true;
    }

    /// <summary>Empties the open shard.</summary>
    public void StartNext() => (Entries, BodyBytes, bytes) = (0, 0, 0);

    private bool HasRoom(int requestBytes) =>
        Entries < Math.Min(limits.MaxEntries, MostEntries)
        && bytes + Size(requestBytes) <= limits.MaxBytes
        && (maxTokens is not { } most || TokenEstimate.FromBytes(BodyBytes + requestBytes).Tokens <= most);

    private long Size(int requestBytes) => requestBytes + WireIdBytes + limits.EntryOverheadBytes;
}
