using Offpeak.Batches;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;
using Offpeak.Providers;

namespace Offpeak.Cli.Running;

/// <summary>Finds the batch of an earlier run of the same command, or makes one; adds what is missing and submits it, once.</summary>
internal sealed class BatchPreparation(BatchClient client, RunSettings settings, RunPlan plan, ResultsPlace place, ProviderRegistry providers, EntryReading entries)
{
    public async Task<long> PrepareAsync(CancellationToken ct)
    {
        var earlier = settings.StartNew ? null : await client.FindByInputKeyAsync(plan.InputKey, ct);
        await CheckAsync(earlier, ct);
        if (settings.StartNew)
            await client.ReleaseInputKeyAsync(plan.InputKey, ct);
        else if (earlier is not null)
            Terminal.Note($"Going on with batch {earlier.Id}, made {earlier.CreatedAt:yyyy-MM-dd HH:mm} UTC; --new starts afresh.");

        while (true)
        {
            // The same command may run twice at the same moment: the key is unique, so one of them makes the batch.
            var batch = await client.GetOrCreateAsync(plan.Describe(settings), ct);
            await KeepBudgetAsync(batch, ct);
            if (batch.Status != BatchStatus.Building || await TryFillAsync(batch, ct))
                return batch.Id;
        }
    }

    // What can be known before the money is spent.
    private async Task CheckAsync(BatchInfo? earlier, CancellationToken ct)
    {
        if (earlier is null or { Status: BatchStatus.Building })
            ProviderKeys.Check(settings.Providers.Select(providers.Find).OfType<IBatchProvider>());

        ResultsFile.TryMake(settings.OutputPath);
        if (settings.Output is not null)
            await place.CheckAsync(earlier?.Id, ct);
    }

    // What this command says counts, not what the one said that made the batch.
    private async Task KeepBudgetAsync(BatchInfo batch, CancellationToken ct)
    {
        if (batch.MaxCost != settings.MaxCost)
            await client.ChangeBudgetAsync(batch.Id, settings.MaxCost, ct);
    }

    /// <returns>False if another run of the same command was at it too; what it did is to be looked at afresh.</returns>
    private async Task<bool> TryFillAsync(BatchInfo batch, CancellationToken ct)
    {
        try
        {
            // Entries are added in input order and each chunk is all or nothing, so what an interrupted run has added is a prefix.
            await client.AddEntriesAsync(batch.Id, entries.ReadAsync(ct).Skip(batch.EntryCount), ct);
            await client.SubmitAsync(batch.Id, ct);
            return true;
        }
        catch (Exception error) when (NeverFits(error))
        {
            await DeleteAsync(batch, ct);
            throw;
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.DuplicateCustomId || error.Code == OffpeakErrorCode.InvalidState)
        {
            var now = await client.FindAsync(batch.Id, ct);
            if (now is not null && now.Status == batch.Status && now.EntryCount == batch.EntryCount)
                throw;

            return false;
        }
    }

    private static bool NeverFits(Exception error) => error is InputException
        || (error is OffpeakException { Code: var code } && (code == OffpeakErrorCode.Budget || code == OffpeakErrorCode.InvalidInput));

    // It will never be sent like this, so it is not to stand in the list as if it would.
    private async Task DeleteAsync(BatchInfo batch, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync(batch.Id, ct);
        }
        catch (OffpeakException)
        {
            // Another run of the same command has submitted it; that one says how it ends.
        }
    }
}
