using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Simulation.Cloud;

namespace Offpeak.Simulation.World;

/// <summary>People and their programs: they submit, cancel and ask again, and repeat what failed, as the documentation tells them to.</summary>
internal sealed class Users(Simulation world)
{
    private static readonly TimeSpan OperatorInterval = TimeSpan.FromMinutes(40);
    private static readonly string[] Handlers = ["", HandlerDesk.Plain, HandlerDesk.Transactional, HandlerDesk.Transactional, HandlerDesk.Late];

    private readonly List<string> accepted = [];
    private int open;

    public bool Done => open == 0;

    /// <summary>Input keys of the batches whose submit was acknowledged.</summary>
    public IReadOnlyList<string> Accepted => accepted;

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
        var description = new NewBatch("sim/m1")
        {
            InputKey = key,
            Handler = Handlers[world.Plan.UsersInterfere ? world.Random.Next(Handlers.Length) : 2] is { Length: > 0 } name ? name : null,
            MaxRounds = 1 + world.Random.Next(3),
            MaxTurns = world.Plan.MaxTurns,
            Fallback = world.Plan.HasFallback ? $"{SimProvider.Spare}/m3" : null,
            FallbackAfter = world.Plan.HasFallback && world.Random.Next(2) == 0 ? TimeSpan.FromMinutes(20 + world.Random.Next(60)) : null,
            MaxCost = world.Plan.UsersInterfere && world.Random.Next(5) == 0 ? 0.01m * (1 + world.Random.Next(10)) : null,
        };
        Act(arrival, $"a user submits {key} with {entries} entries", client => SubmitAsync(client, description, entries));
        if (!world.Plan.UsersInterfere)
            return;
        if (world.Random.Next(4) == 0)
            Act(arrival + (TimeSpan.FromMinutes(60) * world.Random.NextDouble()), $"a user cancels {key}", client => CancelAsync(client, key));
        if (world.Random.Next(4) == 0)
            Act(arrival + (TimeSpan.FromMinutes(150) * world.Random.NextDouble()), $"a user asks again for {key}", client => RetryAsync(client, key));
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
            catch (OffpeakException error) when (error.Code == OffpeakErrorCode.InvalidState)
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
        var batch = await client.FindByInputKeyAsync(description.InputKey!) ?? await client.CreateAsync(description);
        if (batch.Status == BatchStatus.Building)
        {
            if (batch.EntryCount == 0)
                await client.AddEntriesAsync(batch.Id, Enumerable.Range(1, entries).Select(n => Entry(description.InputKey!, n)));
            await client.SubmitAsync(batch.Id);
        }

        accepted.Add(description.InputKey!);
    }

    private static NewEntry Entry(string key, int number) => NewEntry.FromPrompt(
        $"{key}/{number}", $"{key}/{number}", number % 5 == 0 ? new ChatOptions { ModelId = "m2" } : null);

    private static async Task CancelAsync(BatchClient client, string key)
    {
        if (await client.FindByInputKeyAsync(key) is { } batch)
            await client.CancelAsync(batch.Id);
    }

    private static async Task RetryAsync(BatchClient client, string key)
    {
        if (await client.FindByInputKeyAsync(key) is { } batch && batch.Status.IsTerminal())
            await client.RetryAsync(batch.Id);
    }

    // Releases parked handlers, and decides where the provider cannot tell whether it has a batch.
    private async Task OperateAsync()
    {
        world.At(OperatorInterval, "the operator looks", OperateAsync);
        if (world.AnyProcess() is not { } process)
            return;
        foreach (var batch in await process.Client.ListAsync())
        {
            if (batch.DispatchParkedAt is not null)
                await process.Client.RetryAsync(batch.Id);
            else if (!batch.Status.IsTerminal())
                await DecideAsync(process.Client, batch.Id);
        }
    }

    // The reason on the row says: check the console, then retry or cancel the batch. The console shows the truth, now and then too early.
    private async Task DecideAsync(BatchClient client, long batchId)
    {
        var doubtful = (await client.GetDetailsAsync(batchId)).ProviderBatches
            .Where(shard => shard.Status == ProviderBatchStatus.Unconfirmed && shard.LastError?.Contains("check its console", StringComparison.Ordinal) == true)
            .ToList();
        if (doubtful.Count == 0)
            return;
        if (doubtful.Exists(shard => world.Cloud.Batches.Any(batch => batch.Key == shard.SubmissionKey)))
            await client.CancelAsync(batchId);
        else
            await client.RetryAsync(batchId);
    }
}
