using System.Runtime.CompilerServices;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Simulation.World;

namespace Offpeak.Simulation.Cloud;

/// <summary>One process's line to the provider: keeps the contract, and breaks whatever the contract leaves open.</summary>
internal sealed class SimProvider(World.Simulation world, SimProcess process, string name) : IBatchProvider
{
    public const string Usual = "sim";

    /// <summary>The provider that is asked for what the usual one leaves unanswered.</summary>
    public const string Spare = "spare";

    private const int EntriesPerAppend = 2;

    private readonly SimCodec codec = new(world, name);

    private readonly string account = name == Usual && !process.HasFirstKey && world.Plan.KeyChange == KeyChange.OtherAccount ? "second" : "first";

    public string Name => name;

    public ProviderCapabilities Capabilities { get; } = new()
    {
        MaxEntries = world.Plan.MaxEntriesPerShard,
        MaxAge = SimCloud.MaxAge,
    };

    public IEntryCodec Codec => codec;

    public string? KeyFingerprint => name == Usual && !process.HasFirstKey ? "second key" : "first key";

    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        var entries = new List<SubmissionEntry>();
        await foreach (var entry in submission.ReadEntriesAsync(cancellationToken))
            entries.Add(entry);
        // A worker that was suspended past its lease may find them gone; what it made of that it cannot send.
        if (entries.Count != submission.EntryCount && world.Oracle.IsSubmitting(submission.Key.Value, process.Owner))
            world.Fail($"G5: a provider batch of {submission.EntryCount} entries was handed over with {entries.Count}.");
        foreach (var entry in entries)
        {
            if (codec.Read(entry.Body.Span).Model != submission.Model)
                world.Fail($"A request to another model was handed over in a shard of {submission.Model}.");
        }

        if (world.Plan.LostBatches == LostBatches.CanBeFilledUp)
            return await FillUpAsync(submission, entries, cancellationToken);
        Enter("upload");
        if (world.Happens(Fault.UploadFails))
            throw Trouble(ProviderErrorClass.Unreachable);
        await submission.JournalAsync("file", "file-1", cancellationToken);
        await submission.BeginCreateAsync(cancellationToken);
        return Receipt(Create(submission.Key.Value, entries));
    }

    public Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        Enter("find");
        if (world.Happens(Fault.FindCannotTell))
            return Task.FromResult(FindResult.Unknown);
        return Task.FromResult(new SimSearch(world, name, Sees).Find(request));
    }

    public Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var held = Held(batch);
        held.AskedAt = world.Now;
        held.WasSeen = Sees(held);
        Enter("status", held);
        if (!Sees(held))
            throw Trouble(ProviderErrorClass.NotFound);

        if (world.Happens(Fault.NotFound))
            throw Trouble(ProviderErrorClass.NotFound, held);
        held.AnsweredAt = world.Now;
        held.Settle(world.Now);
        var terminal = held.State != ProviderBatchState.Running;
        var unknown = !terminal && world.Happens(Fault.UnknownStatus);
        world.Log($"  cloud says {held.Id} is {held.State}");
        return Task.FromResult(new ProviderSnapshot
        {
            State = held.State,
            Status = new ProviderStatus(unknown ? "pondering" : held.State.ToString()),
            StatusIsUnknown = unknown,
            ResultsReady = !terminal || held.PollsUntilReady-- <= 0,
            Failure = held.State == ProviderBatchState.Failed ? held.Refusal : null,
            RetryAfter = world.Happens(Fault.RetryAfterOnSuccess) ? TimeSpan.FromMinutes(3) : null,
            HasPartialResults = world.Plan.ShowsPartialResults && !terminal && held.Read(world.Now).Any(),
        });
    }

    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var held = Held(batch);
        Enter("results");

        if (held.FilesDeleted || !Sees(held))
            throw Trouble(ProviderErrorClass.NotFound);
        var first = new Dictionary<string, ProviderResult>();
        foreach (var result in held.Read(world.Now).ToList())
        {
            process.ThrowIfDead();
            world.Pause(process);
            process.ThrowIfDead();
            if (world.Happens(Fault.StreamCut))
                throw Trouble(ProviderErrorClass.Transient);
            first.TryAdd(result.WireId ?? "", result);
            if (result is { Kind: ProviderResultKind.Succeeded, WireId: { } id })
                held.Shown.Add(id);
            yield return result;
        }

        held.NoteRead(first);
        await Task.CompletedTask;
    }

    public Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var held = Held(batch);
        Enter("cancel");
        if (!Sees(held))
            throw Trouble(ProviderErrorClass.NotFound);

        held.Settle(world.Now);
        if (held.State == ProviderBatchState.Running && !world.Happens(Fault.CancelIgnored))
            held.CancelsAt ??= world.Now.AddMinutes(world.Random.Next(2) * 10 * world.Random.NextDouble());
        return Task.CompletedTask;
    }

    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var held = Held(batch);
        Enter("clean up");
        if (!Sees(held))
            throw Trouble(ProviderErrorClass.NotFound);

        held.FilesDeleted = true;
        return Task.CompletedTask;
    }

    public Task AbandonAsync(FindRequest request, CancellationToken cancellationToken)
    {
        foreach (var batch in world.Cloud.Batches.Where(batch => batch.Key == request.Key.Value && Sees(batch)))
        {
            batch.WasAbandoned = true;
            batch.Settle(world.Now);
            if (batch.State == ProviderBatchState.Running)
                batch.CancelsAt ??= world.Now;
        }

        Enter("abandon");
        return Task.CompletedTask;
    }

    // Each call may be the last one: the next attempt goes on with the same batch.
    private async Task<ProviderReceipt> FillUpAsync(Submission submission, List<SubmissionEntry> entries, CancellationToken cancellationToken)
    {
        Enter("look");
        var batch = new SimSearch(world, name, Sees).ToFillUp(submission);
        await submission.BeginCreateAsync(cancellationToken);
        batch ??= Create(submission.Key.Value, []);
        await submission.JournalAsync("batch", batch.Id, cancellationToken);
        foreach (var part in entries.Chunk(EntriesPerAppend))
        {
            Append(batch, part, submission.EntryCount);
            await submission.JournalAsync("appended", part[^1].WireId, cancellationToken);
        }

        return Receipt(batch);
    }

    private void Append(CloudBatch batch, SubmissionEntry[] part, int whole)
    {
        try
        {
            Enter("append");
        }
        catch (ProviderException error)
        {
            throw new ProviderException(ProviderErrorClass.OutcomeUnknown, error.Message, error);
        }

        if (world.Happens(Fault.AppendNeverArrives))
            throw Trouble(ProviderErrorClass.OutcomeUnknown);
        batch.Settle(world.Now);
        if (batch.State == ProviderBatchState.Running)
            world.Cloud.Append(batch, part, whole);
        if (world.Happens(Fault.CrashInCreate))
            process.Crash();
        if (world.Happens(Fault.AppendReplyDropped))
            throw Trouble(ProviderErrorClass.OutcomeUnknown);
    }

    private static ProviderReceipt Receipt(CloudBatch batch) => new(batch.Id, new ProviderStatus("validating"));

    private CloudBatch Create(string key, List<SubmissionEntry> entries)
    {
        world.HoldUp(Fault.CreateHeldUp);
        Enter("create");
        if (world.Happens(Fault.CreateRefused))
            throw Trouble(ProviderErrorClass.Refused);
        if (world.Happens(Fault.CreateHasNoRoom) || (world.Plan.RefusesAtOnce && !world.Cloud.HasRoom(name, entries.Count)))
            throw Trouble(ProviderErrorClass.Capacity);
        if (world.Happens(Fault.CreateRateLimited))
            throw Trouble(ProviderErrorClass.RateLimited);
        if (world.Happens(Fault.CreateNeverArrives))
            throw Trouble(ProviderErrorClass.OutcomeUnknown);
        var late = !world.Oracle.IsSubmitting(key, process.Owner);
        var batch = (world.Plan.CreateIsIdempotent ? world.Cloud.FindByKey(account, key) : null) ?? world.Cloud.Create(name, account, key, entries);
        if (late)
            world.WatchLateCreate(batch);
        if (world.Happens(Fault.CrashInCreate))
            process.Crash();
        if (world.Happens(Fault.ReplyDropped))
            throw Trouble(ProviderErrorClass.OutcomeUnknown);
        return batch;
    }

    private void Enter(string call, CloudBatch? held = null)
    {
        process.ThrowIfDead();
        world.Log($"  provider: {call}");
        world.Pause(process);
        process.ThrowIfDead();
        if (++world.ProviderCalls == world.Plan.FailingProviderCall)
            throw Trouble(call == "create" ? ProviderErrorClass.OutcomeUnknown : ProviderErrorClass.Transient);
        if (world.Cloud.Trouble.TryGetValue(name, out var trouble) && trouble.Until > world.Now && !world.Healed)
            throw Trouble(trouble.Class);

        if (world.Happens(Fault.Outage))
            throw StartTrouble(ProviderErrorClass.Unreachable);
        if (world.Happens(Fault.KeyRefused))
            throw StartTrouble(ProviderErrorClass.Unauthorized);
        if (world.Happens(Fault.RateLimited))
            throw Trouble(ProviderErrorClass.RateLimited);
        if (world.Happens(Fault.ServerError))
            throw Trouble(ProviderErrorClass.Transient);
        if (world.Happens(Fault.UnexpectedAnswer))
            throw Trouble(ProviderErrorClass.Unexpected, held);
    }

    private ProviderException StartTrouble(ProviderErrorClass errorClass)
    {
        world.Cloud.Trouble[name] = (world.Now.AddMinutes(world.Random.Next(60)), errorClass);
        return Trouble(errorClass);
    }

    // An error that does not pass by itself is an answer too.
    private ProviderException Trouble(ProviderErrorClass errorClass, CloudBatch? held = null)
    {
        world.Log($"  provider answers {errorClass}");
        if (held is not null)
            held.AnsweredAt = world.Now;
        return new ProviderException(errorClass, $"Simulated: {errorClass}.")
        {
            RetryAfter = errorClass == ProviderErrorClass.RateLimited ? TimeSpan.FromMinutes(world.Random.Next(10)) : null,
        };
    }

    // In the end a key is back that sees everything.
    private bool Sees(CloudBatch batch) => batch.Account == account || world.Healed;

    private CloudBatch Held(ProviderBatchRef batch)
    {
        var held = world.Cloud.Find(batch.ProviderBatchId);
        if (held is null || held.Key != batch.Key.Value)
            world.Fail($"G2: {batch.ProviderBatchId} is no batch of this key.");
        return held!;
    }
}
