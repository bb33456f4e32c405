using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Flow.Poll;

/// <summary>
/// Sorts the lines of one reading of a shard's results: by id, never by position. Remembers a hash per entry seen, so that a second line for
/// the same entry is counted, and counted as a conflict when it differs.
/// </summary>
internal sealed class ResultIntake(ShardRow shard, bool roundsLeft)
{
    private readonly Dictionary<long, int> seen = [];
    private List<ResultRow> chunk = [];
    private long chunkBytes;

    public bool RoundsLeft => roundsLeft;

    public int ChunkCount => chunk.Count;

    public int Accepted => seen.Count;

    public int Malformed { get; private set; }

    /// <summary>Whether the results ended in the middle of a line.</summary>
    public bool IsTorn { get; private set; }

    public int Unknown { get; private set; }

    public int Duplicates { get; private set; }

    public int Conflicts { get; private set; }

    /// <summary>Takes the line into the chunk if it is the first for an entry of this shard.</summary>
    public void Take(ProviderResult result, Func<ProviderResult, decimal?> costOf)
    {
        if (result.Kind == ProviderResultKind.Malformed || !Enum.IsDefined(result.Kind))
        {
            Malformed++;
            IsTorn |= result.IsTorn;
        }
        else if (result.WireId is null || !shard.SubmissionKey.TryReadEntryId(result.WireId, out var entryId))
        {
            Unknown++;
        }
        else if (IsFirst(entryId, Fingerprint(result)))
        {
            chunk.Add(new ResultRow(entryId, RoundPolicy.AfterResult(result, roundsLeft), result, costOf(result)));
            chunkBytes += result.Body.Length + (2L * ((result.ErrorCode?.Length ?? 0) + (result.ErrorMessage?.Length ?? 0)));
        }
    }

    public bool IsChunkFull(int mostRows) => chunk.Count >= mostRows || chunkBytes >= PageBytes.Most;

    /// <summary>Hands over the chunk; the next begins.</summary>
    public List<ResultRow> TakeChunk()
    {
        var full = chunk;
        (chunk, chunkBytes) = ([], 0);
        return full;
    }

    /// <summary>Takes back a chunk that could not be written.</summary>
    public void PutBack(List<ResultRow> rows)
    {
        chunk.InsertRange(0, rows);
        chunkBytes += rows.Sum(row => (long)row.Result.Body.Length);
    }

    /// <summary>Counts lines whose entry does not exist in the batch.</summary>
    public void CountUnknown(int lines) => Unknown += lines;

    private bool IsFirst(long entryId, int hash)
    {
        if (seen.TryAdd(entryId, hash))
            return true;

        Duplicates++;
        if (seen[entryId] != hash)
            Conflicts++;

        return false;
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
