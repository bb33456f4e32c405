using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow;

/// <summary>
/// Sorts the lines of one reading of a provider batch's results: by id, never by position. Remembers a hash per entry seen, so that a
/// second line for the same entry is counted, and counted as a conflict when it differs.
/// </summary>
internal sealed class ResultIntake(ProviderBatch shard, bool roundsLeft)
{
    private readonly SubmissionKey key = new(shard.SubmissionKey);
    private readonly Dictionary<long, int> seen = [];

    public bool RoundsLeft => roundsLeft;

    public List<ResultRow> Chunk { get; } = [];

    public long ChunkBytes { get; set; }

    public int Accepted => seen.Count;

    public int Malformed { get; private set; }

    /// <summary>Whether the results ended in the middle of a line.</summary>
    public bool IsTorn { get; private set; }

    public int Unknown { get; private set; }

    public int Duplicates { get; private set; }

    public int Conflicts { get; private set; }

    /// <summary>Whether the line is the first for an entry of this shard, and the status it gives to it.</summary>
    public bool Accept(ProviderResult result, out long entryId, out EntryStatus status)
    {
        (entryId, status) = (0, default);
        if (result.Kind == ProviderResultKind.Malformed)
        {
            Malformed++;
            IsTorn |= result.IsTorn;
            return false;
        }

        if (!key.TryReadEntryId(result.WireId, out entryId))
        {
            Unknown++;
            return false;
        }

        var hash = Fingerprint(result);
        if (!seen.TryAdd(entryId, hash))
        {
            Duplicates++;
            if (seen[entryId] != hash)
                Conflicts++;
            return false;
        }

        status = RoundPolicy.AfterResult(result, roundsLeft);
        return true;
    }

    /// <summary>Counts lines of this chunk whose entry does not exist in the batch.</summary>
    public void CountUnknown(int lines) => Unknown += lines;

    public void ClearChunk()
    {
        Chunk.Clear();
        ChunkBytes = 0;
    }

    private static int Fingerprint(ProviderResult result)
    {
        var hash = default(HashCode);
        hash.Add(result.Kind);
        hash.Add(result.StatusCode);
        hash.AddBytes(result.Body.Span);
        return hash.ToHashCode();
    }
}
