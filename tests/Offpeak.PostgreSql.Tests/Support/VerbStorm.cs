using System.Text;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.PostgreSql.Tests.Support;

/// <summary>One of several callers that do any verb at any time on the same few batches. Losing a race is fine, anything else is not.</summary>
internal sealed class VerbStorm(IOffpeakStore store, IReadOnlyList<long> batchIds, int seed)
{
    public const int EntriesPerBatch = 120;

    /// <summary>The verbs that change something.</summary>
    public static readonly string[] Verbs =
        ["plan", "begin", "accept", "apply", "requeue", "split", "lease", "release", "reopen", "stop", "turn", "double", "resume", "dispatch", "sweep"];

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"text":"an answer"}""");

    private readonly Random random = new(seed);
    private readonly string token = $"storm-{seed}";

    /// <summary>How often each verb did what it was asked for.</summary>
    public Dictionary<string, int> Done { get; } = [];

    public static async Task<long> PrepareAsync(IOffpeakStore store, int number)
    {
        var made = await store.TryCreateBatchAsync(
            new BatchRow
            {
                Name = "storm",
                Provider = "sim",
                Model = "model",
                Endpoint = BatchEndpoint.Responses,
                MaxRounds = 3,
                MaxTurns = 3,
                MaxCost = 1000,
                InputKey = $"storm-{number}",
            },
            default);
        await store.AddEntriesAsync(
            made!.Id, [.. Enumerable.Range(0, EntriesPerBatch).Select(i => new NewEntryRow($"row-{i}", "model", Body, Body, i % 2 == 0))], default);
        var batch = await store.FindBatchAsync(made.Id, default);
        await store.TryChangeBatchAsync(batch!, new BatchChange { Status = BatchStatus.Running, Round = 1, SubmittedAt = When.Now }, default);
        return made.Id;
    }

    public async Task RunAsync(int steps)
    {
        (string Name, Func<BatchRow, Task<bool>> Verb)[] verbs =
        [
            ("plan", PlanAsync), ("begin", BeginAsync), ("accept", AcceptAsync), ("apply", ApplyAsync), ("apply", ApplyAsync), ("requeue", RequeueAsync),
            ("split", SplitAsync), ("lease", LeaseAsync), ("release", ReleaseAsync), ("reopen", ReopenAsync), ("stop", StopAsync), ("turn", TurnAsync),
            ("double", DoubleAsync), ("resume", ResumeAsync), ("dispatch", DispatchAsync), ("postpone", NoteUnknownAsync), ("sweep", SweepAsync), ("look", LookAsync),
        ];
        for (var step = 0; step < steps; step++)
        {
            var (name, verb) = verbs[random.Next(verbs.Length)];
            var batch = await store.FindBatchAsync(batchIds[random.Next(batchIds.Count)], default);
            try
            {
                if (await verb(batch!)) Done[name] = Done.GetValueOrDefault(name) + 1;
            }
            catch (LeaseLostException)
            {
                Done["lost"] = Done.GetValueOrDefault("lost") + 1;
            }
        }
    }

    private async Task<bool> PlanAsync(BatchRow batch)
    {
        var waiting = await store.ReadWaitingAsync(batch.Id, 0, random.Next(5, 40), default);
        if (waiting.Count == 0) return false;

        return await store.TryPlanShardAsync(batch, Make.NewShard(waiting, batch.Round, waiting.Count), default) is not null;
    }

    private async Task<bool> BeginAsync(BatchRow batch) =>
        await PickAsync(batch, ShardStatus.Pending) is { } shard && (await store.TryBeginSubmitAsync(
            shard,
            new ShardChange { Status = ShardStatus.Submitting, Lease = new LeaseChange(token, Lease, shard.LeaseOwner), CreateBegunAt = When.Now },
            new SubmitLimits(1, 100),
            default)).Outcome == BeginOutcome.Begun;

    private async Task<bool> AcceptAsync(BatchRow batch) =>
        await PickAsync(batch, ShardStatus.Submitting) is { } shard && await store.TryChangeShardAsync(
            shard,
            new ShardChange { Status = ShardStatus.Submitted, ProviderBatchId = $"b-{shard.Id}", AcceptedAt = When.Now, NextPollAt = When.Now, Lease = LeaseChange.Release },
            new EntryChange(EntryStatus.Pending, EntryStatus.Submitted, CountsAttempt: true),
            default) is not null;

    private async Task<bool> ApplyAsync(BatchRow batch)
    {
        if (await PickAsync(batch, ShardStatus.Submitted) is not { } shard) return false;

        var held = await store.TryChangeShardAsync(shard, new ShardChange { Lease = new LeaseChange(token, Lease, shard.LeaseOwner) }, null, default);
        if (held is null) return false;

        var requests = await store.ReadShardRequestsAsync(held, onlyOpen: true, 0, 500, default);
        var rows = requests.Select(request => Answer(request.EntryId)).OrderBy(_ => random.Next()).ToList();
        return rows.Count > 0 && (await store.ApplyResultsAsync(held, token, Lease, rows, default)).Applied > 0;
    }

    private ResultRow Answer(long entryId)
    {
        var kind = random.Next(3);
        var result = new ProviderResult { Kind = ProviderResultKind.Succeeded, Body = Body, Usage = new TokenUsage(3, 1, 2), FinishReason = "stop" };
        return kind switch
        {
            0 => new ResultRow(entryId, EntryStatus.Succeeded, result, 0.1m),
            1 => new ResultRow(entryId, EntryStatus.Failed, result with { Kind = ProviderResultKind.Failed, ErrorCode = "bad" }, null),
            _ => new ResultRow(entryId, EntryStatus.Pending, result, 0.1m, EntryContinuation.ToolCalls),
        };
    }

    private async Task<bool> RequeueAsync(BatchRow batch) =>
        await PickAsync(batch, ShardStatus.Submitted) is { } shard && await store.TryChangeShardAsync(
            shard,
            new ShardChange { Status = ShardStatus.Pending, ProviderBatchId = new(null), NextPollAt = When.Never, NextSubmitAt = When.Now, Lease = LeaseChange.Release },
            new EntryChange(EntryStatus.Submitted, EntryStatus.Pending, StaysInShard: true),
            default) is not null;

    private async Task<bool> SplitAsync(BatchRow batch) =>
        await PickAsync(batch, ShardStatus.Pending) is { EntryCount: > 1 } shard && await store.TrySplitShardAsync(
            shard,
            new ShardChange { Status = ShardStatus.Canceled, EndedAt = When.Now, ResultsFetchedAt = When.Now },
            [SubmissionKey.New(), SubmissionKey.New()],
            default);

    private async Task<bool> LeaseAsync(BatchRow batch) =>
        await store.TryChangeBatchAsync(batch, new BatchChange { Lease = new LeaseChange(token, Lease, batch.LeaseOwner) }, default) is not null
        && (await store.RenewLeaseAsync(LeaseKind.Batch, batch.Id, token, Lease, default)).IsHeld;

    private async Task<bool> ReleaseAsync(BatchRow batch) =>
        await store.TryChangeBatchAsync(batch, new BatchChange { Lease = LeaseChange.Release, HeldBy = token }, default) is not null;

    private async Task<bool> ReopenAsync(BatchRow batch) => await StepAsync(batch, BatchStep.Reopen, null);

    private async Task<bool> StopAsync(BatchRow batch) => await StepAsync(batch, BatchStep.Stop, new EntryChange(EntryStatus.Pending, EntryStatus.Failed, "stop", "Stopped."));

    private async Task<bool> StepAsync(BatchRow batch, BatchStep step, EntryChange? change)
    {
        if (random.Next(4) > 0) return false;

        var begun = await store.TryChangeBatchAsync(batch, new BatchChange { Step = step, CancelsPendingShards = step == BatchStep.Stop }, default);
        if (begun is null) return false;

        for (long? after = 0; after is { } last;)
            after = await store.StepEntriesAsync(begun, change, null, last, default);

        return await store.TryChangeBatchAsync(begun, new BatchChange { Step = new(null), Round = begun.Round % 3 + 1 }, default) is not null;
    }

    private async Task<bool> TurnAsync(BatchRow batch)
    {
        var turns = await store.ReadTurnsAsync(batch.Id, 0, 200, default);
        var done = false;
        foreach (var turn in turns)
        {
            done |= random.Next(8) > 0
                ? await store.TrySaveTurnAsync(turn, Body, default)
                : await store.TryFailTurnAsync(turn, "tool", "The tool failed.", default);
        }

        return done;
    }

    private async Task<bool> DoubleAsync(BatchRow batch)
    {
        if (await PickAsync(batch, null) is not { } shard) return false;

        await store.AddDoubleAsync(shard.Id, $"double-{random.Next(5)}", default);
        return true;
    }

    private async Task<bool> ResumeAsync(BatchRow batch) => (await store.ResumePollsAsync(TimeSpan.Zero, [token], 0, 50, default)).Rows.Count > 0;

    private async Task<bool> DispatchAsync(BatchRow batch) =>
        await store.TryChangeBatchAsync(batch, new BatchChange { NextDispatchAt = When.Now, DispatchId = $"d-{seed}" }, default) is not null;

    private async Task<bool> NoteUnknownAsync(BatchRow batch)
    {
        await store.NoteUnknownHandlersAsync(["known"], TimeSpan.FromSeconds(1), "No handler ", default);
        return true;
    }

    private async Task<bool> SweepAsync(BatchRow batch) => await store.TryClaimSweepAsync("storm", TimeSpan.FromMilliseconds(1), default);

    private async Task<bool> LookAsync(BatchRow batch)
    {
        await store.ListLeaseOwnersAsync(default);
        await store.CountEntriesAsync(batch.Id, default);
        await store.ReadResultsAsync(batch.Id, 0, 1000, default);
        await store.FindSubmitsDueAsync(0, 10, default);
        await store.FindUnsettledAsync(0, 10, default);
        await store.FindBetweenStepsAsync(0, 10, default);
        await store.FindDueDispatchesAsync(["known"], [], 0, 10, default);
        return true;
    }

    private async Task<ShardRow?> PickAsync(BatchRow batch, ShardStatus? status)
    {
        var shards = (await store.ListShardsAsync(batch.Id, default)).Where(shard => status is null || shard.Status == status).ToList();
        return shards.Count == 0 ? null : shards[random.Next(shards.Count)];
    }
}
