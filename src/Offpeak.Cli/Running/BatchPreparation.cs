using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Batches;
using Offpeak.Cli.Input;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Cli.Running;

/// <summary>Finds the batch of an earlier run of the same command, or makes one; adds what is missing and submits it, once.</summary>
internal sealed class BatchPreparation(IServiceProvider services, RunSettings settings, RunPlan plan, InputFile input)
{
    private readonly BatchClient client = services.GetRequiredService<BatchClient>();
    private readonly BatchStore store = services.GetRequiredService<BatchStore>();

    public async Task<long> PrepareAsync(CancellationToken ct)
    {
        if (settings.StartNew)
            await store.ReleaseInputKeyAsync(plan.InputKey, ct);
        var batch = await client.FindByInputKeyAsync(plan.InputKey, ct);
        if (batch is not null)
            Terminal.Note($"Going on with batch {batch.Id}, made {batch.CreatedAt:yyyy-MM-dd HH:mm} UTC; --new starts afresh.");
        while ((batch ??= await FindOrCreateAsync(ct)).Status == BatchStatus.Building && !await TryFillAsync(batch, ct))
            batch = null;
        await KeepBudgetAsync(batch, ct);
        return batch.Id;
    }

    // The same command may run twice at the same moment: the key is unique, so one of them makes the batch.
    private async Task<Batch> FindOrCreateAsync(CancellationToken ct)
    {
        if (await client.FindByInputKeyAsync(plan.InputKey, ct) is { } made)
            return made;
        try
        {
            return await CreateAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            if (await client.FindByInputKeyAsync(plan.InputKey, ct) is { } others)
                return others;
            throw;
        }
    }

    /// <returns>False if another run of the same command was at it too; what it did is to be looked at afresh.</returns>
    private async Task<bool> TryFillAsync(Batch batch, CancellationToken ct)
    {
        try
        {
            await KeepBudgetAsync(batch, ct);
            await client.AddEntriesAsync(batch.Id, ReadEntriesAsync(batch, ct), ct);
            await client.SubmitAsync(batch.Id, ct);
            return true;
        }
        catch (Exception error) when (error is InputException || (error is OffpeakException { Code: var code } && (code == OffpeakErrorCode.Budget || code == OffpeakErrorCode.InvalidInput)))
        {
            // It will never be sent like this, so it is not to stand in the list as if it would.
            await store.DeleteAsync(batch.Id, ct);
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

    // What this command says counts, not what the one said that made the batch.
    private async Task KeepBudgetAsync(Batch batch, CancellationToken ct)
    {
        if (batch.MaxCost != settings.MaxCost && !batch.Status.IsTerminal())
            await store.TryUpdateAsync(batch, set => set.SetProperty(b => b.MaxCost, settings.MaxCost), ct);
    }

    private Task<Batch> CreateAsync(CancellationToken ct) => client.CreateAsync(
        new NewBatch(settings.Model)
        {
            Name = settings.Name ?? (settings.Input == "-" ? "standard input" : Path.GetFileName(settings.Input)),
            Endpoint = plan.Endpoint,
            InputKey = plan.InputKey,
            MaxCost = settings.MaxCost,
            Canary = settings.Canary,
            Fallback = settings.Fallback,
            FallbackAfter = settings.FallbackAfter,
        },
        ct);

    // Entries are added in input order and each chunk is all or nothing, so what an interrupted run has added is a prefix.
    private IAsyncEnumerable<NewEntry> ReadEntriesAsync(Batch batch, CancellationToken ct)
    {
        var provider = services.GetRequiredService<ProviderRegistry>().Get(batch.Provider);
        return new EntryReading(settings, plan, input, provider, batch.Model).ReadAsync(ct).Skip(batch.EntryCount);
    }
}
