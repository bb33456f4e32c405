using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>
/// Remembers whose a batch is, as far as this process has seen it: batches it made or polls, and strangers whose results it looked into.
/// Bounded; what is forgotten is looked up again.
/// </summary>
internal sealed class BatchOwners
{
    private const int Most = 20_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, string> owners = new(StringComparer.Ordinal);
    private readonly Queue<string> oldest = new();

    public void Note(string batchId, SubmissionKey key) => Note(batchId, key.Value);

    /// <summary>Notes a batch that is not the one with this key.</summary>
    public void NoteStranger(string batchId, SubmissionKey key) => Note(batchId, "not " + key.Value);

    /// <summary>Whether a batch has this key; null if this process does not know.</summary>
    public bool? IsOf(string batchId, SubmissionKey key)
    {
        lock (gate)
        {
            if (!owners.TryGetValue(batchId, out var owner))
                return null;
            if (owner == key.Value)
                return true;
            return owner.StartsWith("not ", StringComparison.Ordinal) && owner != "not " + key.Value ? null : false;
        }
    }

    private void Note(string batchId, string owner)
    {
        lock (gate)
        {
            if (!owners.ContainsKey(batchId))
            {
                oldest.Enqueue(batchId);
                if (oldest.Count > Most)
                    owners.Remove(oldest.Dequeue());
            }

            owners[batchId] = owner;
        }
    }
}
