using System.Runtime.CompilerServices;
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
        },
        ct);

    // Entries are added in input order and each chunk is all or nothing, so what an interrupted run has added is a prefix.
    private async IAsyncEnumerable<NewEntry> ReadEntriesAsync(Batch batch, [EnumeratorCancellation] CancellationToken ct)
    {
        var codec = services.GetRequiredService<ProviderRegistry>().Get(batch.Provider).Codec;
        var skip = batch.EntryCount;
        await foreach (var entry in input.ReadAsync(ct))
        {
            if (skip-- <= 0)
                yield return ToNewEntry(batch, codec, entry);
        }
    }

    private NewEntry ToNewEntry(Batch batch, Codec.IEntryCodec codec, InputEntry entry) => entry switch
    {
        RawBodyEntry raw => NewEntry.FromBody(raw.CustomId, raw.Body),
        PromptEntry prompt when plan.Endpoint == BatchEndpoint.Embeddings =>
            NewEntry.FromBody(prompt.CustomId, codec.EncodeEmbedding(batch.Model, prompt.Prompt)),
        PromptEntry prompt => Chat(prompt.CustomId, [new ChatMessage(ChatRole.User, prompt.Prompt)], prompt.System),
        MessagesEntry messages => Chat(messages.CustomId, messages.Messages, messages.System),
        _ => throw new InvalidOperationException($"Unknown kind of entry {entry.GetType().Name}."),
    };

    private NewEntry Chat(string customId, List<ChatMessage> messages, string? rowSystem)
    {
        if ((rowSystem ?? settings.System) is { } system && !messages.Exists(message => message.Role == ChatRole.System))
            messages.Insert(0, new ChatMessage(ChatRole.System, system));
        return NewEntry.FromChat(customId, messages, plan.Schema is { } schema
            ? new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "answer") }
            : null);
    }
}
