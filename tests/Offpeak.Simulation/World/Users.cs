using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Providers;
using Offpeak.Simulation.Cloud;

namespace Offpeak.Simulation.World;

/// <summary>People and their programs: they submit, cancel and ask again, and repeat what failed, as the documentation tells them to.</summary>
internal sealed class Users(Simulation world)
{
    private static readonly TimeSpan OperatorInterval = TimeSpan.FromMinutes(40);
    private static readonly string[] Handlers = ["", HandlerDesk.Plain, HandlerDesk.Transactional, HandlerDesk.Transactional, HandlerDesk.Late];

    private static readonly ChatResponseFormat Schema = ChatResponseFormat.ForJsonSchema(
        JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"""));

    private readonly List<string> accepted = [];
    private readonly HashSet<string> deletes = [];
    private int open;

    public bool Done => open == 0;

    /// <summary>Input keys of the batches whose submit was acknowledged.</summary>
    public IReadOnlyList<string> Accepted => accepted;

    /// <summary>Submission keys of shards that a person has decided about.</summary>
    public HashSet<string> Decided { get; } = [];

    /// <summary>Whether a user deletes the batch with an input key.</summary>
    public bool Deletes(string? key) => key is not null && deletes.Contains(key);

    public void Arrive()
    {
        for (var number = 1; number <= world.Plan.Batches; number++)
            Plan($"input-{number}");
        if (world.Plan.UsersInterfere)
            world.At(OperatorInterval, "the operator looks", OperateAsync);
    }

    private void Plan(string key)
    {
        var arrival = world.Plan.UsersInterfere ? TimeSpan.FromMinutes(world.Random.Next(30)) : TimeSpan.Zero;
        var entries = 1 + world.Random.Next(world.Plan.MostEntries);
        var description = Describe(key);
        var isTransaction = world.Plan.UsersInterfere && world.Random.Next(5) == 0;
        Act(
            arrival,
            $"a user submits {key} with {entries} entries",
            client => isTransaction ? SubmitInTransactionAsync(client, description, entries) : SubmitAsync(client, description, entries));
        if (!world.Plan.UsersInterfere)
            return;

        Sometimes(4, arrival, 60, $"a user cancels {key}", (client, batch) => client.CancelAsync(batch.Id), key);
        Sometimes(3, arrival, 150, $"a user asks again for {key}", (client, batch) => RetryAsync(client, batch.Id), key);
        Sometimes(3, arrival, 150, $"a user asks once more for {key}", (client, batch) => RetryAsync(client, batch.Id), key);
        Sometimes(8, arrival, 90, $"a user gives {key} another budget", (client, batch) => client.ChangeBudgetAsync(batch.Id, 0.05m * world.Random.Next(20)), key);
        if (world.Plan.PurgeAfter is not null)
            Sometimes(3, arrival, 200, $"a user deletes {key}", (client, batch) => DeleteAsync(client, batch), key);
    }

    private NewBatch Describe(string key) => new("sim/m1")
    {
        // A delete takes the key first; the name still says whose batch it was.
        Name = key,
        InputKey = key,
        Handler = Handlers[world.Plan.UsersInterfere ? world.Random.Next(Handlers.Length) : 2] is { Length: > 0 } name ? name : null,
        MaxRounds = 1 + world.Random.Next(3),
        MaxTurns = world.Plan.MaxTurns,
        Fallback = world.Plan.HasFallback ? $"{SimProvider.Spare}/m3" : null,
        FallbackAfter = world.Plan.HasFallback && world.Random.Next(2) == 0 ? TimeSpan.FromMinutes(20 + world.Random.Next(60)) : null,
        MaxCost = world.Plan.HasBudgets ? 0.01m * (1 + world.Random.Next(30)) : null,
        Canary = world.Plan.Canary > 0 ? world.Plan.Canary : null,
    };

    private void Sometimes(int oneIn, TimeSpan arrival, double minutes, string name, Func<BatchClient, BatchInfo, Task> act, string key)
    {
        if (world.Random.Next(oneIn) > 0)
            return;

        Act(arrival + (TimeSpan.FromMinutes(minutes) * world.Random.NextDouble()), name, async client =>
        {
            if (await client.FindByInputKeyAsync(key) is { } batch)
                await act(client, batch);
        });
    }

    // Repeated until it worked or was refused for a reason of its own.
    private void Act(TimeSpan delay, string name, Func<BatchClient, Task> act)
    {
        open++;
        Schedule(delay);

        void Schedule(TimeSpan wait) => world.At(wait, name, async () =>
        {
            try
            {
                if (world.AnyProcess() is not { } process)
                    throw new SimulatedFaultException("No process is up.");
                await act(process.Client);
                open--;
            }
            catch (OffpeakException error) when (error.Code == OffpeakErrorCode.InvalidState || error.Code == OffpeakErrorCode.Budget || error.Code == OffpeakErrorCode.BatchNotFound)
            {
                world.Log($"  refused: {error.Message}");
                open--;
            }
            catch (Exception)
            {
                Schedule(TimeSpan.FromMinutes(1 + world.Random.Next(5)));
                throw;
            }
        });
    }

    private async Task SubmitAsync(BatchClient client, NewBatch description, int entries)
    {
        var batch = await client.GetOrCreateAsync(description);
        if (batch.Status == BatchStatus.Building)
        {
            if (batch.EntryCount == 0)
                await client.AddEntriesAsync(batch.Id, Entries(description, entries));

            await client.SubmitAsync(batch.Id);
        }

        accepted.Add(description.InputKey!);
    }

    // With rows of the user's own, all or nothing.
    private async Task SubmitInTransactionAsync(BatchClient client, NewBatch description, int entries)
    {
        if (await client.FindByInputKeyAsync(description.InputKey!) is null)
        {
            await world.WhileLockedAsync(async () =>
            {
                await using var connection = world.Database.Connect();
                await using var transaction = connection.BeginTransaction(deferred: false);
                var door = client.In(transaction);
                var batch = await door.CreateAsync(description);
                await door.AddEntriesAsync(batch.Id, Entries(description, entries));
                await door.SubmitAsync(batch.Id);
                await transaction.CommitAsync();
            });
        }

        accepted.Add(description.InputKey!);
    }

    private IEnumerable<NewEntry> Entries(NewBatch description, int entries) =>
        Enumerable.Range(1, entries).Select(number => Entry(description.InputKey!, number));

    private NewEntry Entry(string key, int number) => NewEntry.FromPrompt(
        $"{key}/{number}",
        $"{key}/{number}",
        new ChatOptions
        {
            ModelId = number % 5 == 0 ? "m2" : null,
            ResponseFormat = world.Plan.HasSchemas && number % 2 == 0 ? Schema : null,
        });

    private async Task RetryAsync(BatchClient client, long batchId)
    {
        foreach (var shard in (await client.GetAsync(batchId)).Shards.Where(shard => shard.Status == ShardStatus.Unconfirmed))
            Decided.Add(shard.SubmissionKey.Value);

        await client.RetryAsync(batchId);
    }

    private async Task DeleteAsync(BatchClient client, BatchInfo batch)
    {
        deletes.Add(batch.InputKey!);
        await client.DeleteAsync(batch.Id);
    }

    // Releases parked handlers, and decides where the provider cannot tell whether it has a batch.
    private async Task OperateAsync()
    {
        world.At(OperatorInterval, "the operator looks", OperateAsync);
        if (world.AnyProcess() is not { } process)
            return;
        foreach (var batch in await process.Client.ListAsync())
        {
            if (batch.Handler?.ParkedAt is not null)
                await TryAsync(() => process.Client.RetryAsync(batch.Id));
            else if (!batch.IsTerminal)
                await DecideAsync(process.Client, batch.Id);
        }
    }

    // The trouble on the row says: check the console, then resolve the shard, or retry or cancel the batch. The console shows the truth, now and
    // then too early.
    private async Task DecideAsync(BatchClient client, long batchId)
    {
        foreach (var shard in (await client.GetAsync(batchId)).Shards)
        {
            if (shard.Status != ShardStatus.Unconfirmed || (shard.TroubleClass != ProviderErrorClass.OutcomeUnknown && shard.TroubleClass != ProviderErrorClass.OtherKey))
                continue;

            Decided.Add(shard.SubmissionKey.Value);
            var there = world.Cloud.Batches.FirstOrDefault(batch => batch.Key == shard.SubmissionKey.Value && batch.Sent.Count > 0 && !shard.RefusedForRoom.Contains(batch.Id));
            if (there is not null && world.Random.Next(3) == 0)
                await TryAsync(() => client.CancelAsync(batchId));
            else
                await TryAsync(() => client.ResolveAsync(shard.ShardId, there is null ? ShardResolution.Discard : ShardResolution.Adopt(there.Id)));
        }
    }

    // Somebody else may have been faster.
    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (OffpeakException error) when (error.Code == OffpeakErrorCode.InvalidState)
        {
            world.Log($"  refused: {error.Message}");
        }
    }
}
