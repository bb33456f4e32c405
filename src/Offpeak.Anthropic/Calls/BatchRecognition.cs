using Offpeak.Anthropic.Wire;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>Tells whether a batch is the one with a key, by the wire ids in its results: nothing else of ours is in it.</summary>
internal sealed class BatchRecognition(BatchOwners owners, ResultStream results)
{
    // Ours are all alike, so the first would do; a few more make up for a line that was spoilt on the way.
    private const int LinesRead = 5;

    /// <summary>Null if it cannot be told yet.</summary>
    public async Task<bool?> IsOfAsync(MessageBatch batch, SubmissionKey key, CancellationToken cancellationToken)
    {
        if (owners.IsOf(batch.Id!, key) is { } known)
            return known;
        if (batch.State == ProviderBatchState.Running || !batch.HasResults)
            return null;
        var isOurs = await ReadAsync(batch.Id!, key, cancellationToken);
        if (isOurs is true)
            owners.Note(batch.Id!, key);
        else if (isOurs is false)
            owners.NoteStranger(batch.Id!, key);
        return isOurs;
    }

    private async Task<bool?> ReadAsync(string id, SubmissionKey key, CancellationToken cancellationToken)
    {
        var read = 0;
        try
        {
            await foreach (var result in results.ReadAsync(id, cancellationToken))
            {
                if (result.WireId?.StartsWith(key.Value + "-", StringComparison.Ordinal) == true)
                    return true;
                if (result.WireId is not null && ++read >= LinesRead)
                    return false;
            }
        }
        catch (ProviderException failure) when (failure.Class == ProviderErrorClass.NotFound)
        {
            return null;
        }

        return read > 0 ? false : null;
    }
}
