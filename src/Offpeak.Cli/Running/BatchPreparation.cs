using System.Runtime.CompilerServices;
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

    public async Task<long> PrepareAsync(CancellationToken ct)
    {
        if (settings.StartNew)
            await services.GetRequiredService<BatchStore>().ReleaseInputKeyAsync(plan.InputKey, ct);
        var batch = await client.FindByInputKeyAsync(plan.InputKey, ct);
        if (batch is not null)
            Terminal.Note($"Going on with batch {batch.Id}, made {batch.CreatedAt:yyyy-MM-dd HH:mm} UTC; --new starts afresh.");
        batch ??= await CreateAsync(ct);
        if (batch.Status == BatchStatus.Building)
        {
            await client.AddEntriesAsync(batch.Id, ReadEntriesAsync(batch, ct), ct);
            await client.SubmitAsync(batch.Id, ct);
        }

        return batch.Id;
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
