using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Storage;
using Offpeak.Tools;
using Offpeak.Work;

namespace Offpeak.Flow.Advance;

/// <summary>
/// Between two rounds: writes the next turn of every entry whose answer is not the last word. Tools run here, some entries at a time; each
/// entry is durable before the next takes its place, so a crash repeats at most the calls in flight.
/// </summary>
internal sealed class ContinueEntries(FlowContext flow, ToolCalls tools)
{
    public const string Component = "continue_entries";

    private const double OutputFactor = 2;

    /// <returns>What is to be done next.</returns>
    public async Task<IReadOnlyList<WorkItem>> RunAsync(long batchId, CancellationToken ct)
    {
        using var slot = await flow.Slots.EnterAsync(SlotKind.Tools, "", ct);
        if (await flow.Store.FindBatchAsync(batchId, ct) is not { Status: BatchStatus.Running, CancelRequestedAt: null } batch
            || await flow.HasComeAsync(batch.FallbackAt, ct)
            || flow.Providers.Find(RoundPolicy.ProviderOf(batch)) is not { Codec: var codec }
            || await flow.Store.CountTurnsAsync(batchId, only: null, ct) == 0)
        {
            return [new WorkItem(WorkKind.Advance, batchId)];
        }

        using var activity = OffpeakTelemetry.StartStep(Component, batchId);
        var (take, lease) = flow.Leases.Take(LeaseKind.Batch, batchId, batch.LeaseOwner);
        if (await flow.TryAsync(batch, new BatchChange { Lease = take }, ct) is not { } held)
            return [];

        try
        {
            if (!await lease.TryRunAsync(token => ContinueAllAsync(held, codec, lease, token), stopsOnCancel: true, ct))
                return [];
        }
        catch
        {
            await ReleaseAsync(held, lease, goesOn: false);
            throw;
        }

        flow.Probe.Reached(FlowPoint.TurnsWritten);
        await ReleaseAsync(held, lease, goesOn: true);
        return [new WorkItem(WorkKind.Advance, batchId)];
    }

    // A round in which conversations go on is not one of those that failures may use up.
    private Task<bool> ReleaseAsync(BatchRow batch, Lease lease, bool goesOn) => flow.TryHeldAsync(batch, lease, new BatchChange
    {
        MaxRounds = goesOn ? RoundPolicy.MoreRounds(batch.MaxRounds, 1) : default(Set<int>),
        Lease = LeaseChange.Release,
    });

    private async Task ContinueAllAsync(BatchRow batch, IEntryCodec codec, Lease lease, CancellationToken ct)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = flow.Options.ToolConcurrency, CancellationToken = ct };
        Exception? fault = null;
        for (long after = 0; await flow.Store.ReadTurnsAsync(batch.Id, after, PageBytes.Most, ct) is { Count: > 0 } page; after = page[^1].EntryId)
        {
            if (await IsStoppedAsync(batch.Id, lease, ct))
                return;

            // One entry's fault must not stop the calls of the others, which would then run again.
            await Parallel.ForEachAsync(page, parallel, async (turn, token) =>
            {
                try
                {
                    await ContinueAsync(batch, codec, turn, lease, token);
                }
                catch (Exception error) when (!token.IsCancellationRequested)
                {
                    Interlocked.CompareExchange(ref fault, error, null);
                }
            });
        }

        if (fault is not null)
            throw fault;
    }

    private async Task ContinueAsync(BatchRow batch, IEntryCodec codec, EntryTurn turn, Lease lease, CancellationToken ct)
    {
        if (turn.Continuation == EntryContinuation.ToolCalls && await IsStoppedAsync(batch.Id, lease, ct))
            return;

        lease.ThrowIfLost();
        byte[]? body;
        try
        {
            body = await WriteAsync(batch, codec, turn, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            await FailAsync(batch, turn, error, "The conversation could not be written on", ct);
            return;
        }

        if (body is null)
            await flow.Store.TryFailTurnAsync(turn, FailureCodes.OutputLimit, turn.Problem ?? OutputLimitText.Of(isEmpty: false, limit: null, turn.OutputRaised), ct);
        else
            await SaveAsync(batch, turn, body, lease, ct);

        flow.Probe.Reached(FlowPoint.TurnWritten);
    }

    // What the store refuses twice, while it takes something else, it refuses for ever: asking the tools again would change nothing.
    private async Task SaveAsync(BatchRow batch, EntryTurn turn, byte[] body, Lease lease, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await flow.Store.TrySaveTurnAsync(turn, body, ct);
                return;
            }
            catch (Exception error) when (error is not LeaseLostException && !ct.IsCancellationRequested)
            {
                await lease.RenewAsync(ct);
                if (tries == 1)
                    continue;

                flow.Probe.Reached(FlowPoint.RowIsolated);
                await FailAsync(batch, turn, error, "The next turn could not be stored", ct);
                return;
            }
        }
    }

    private async Task FailAsync(BatchRow batch, EntryTurn turn, Exception error, string what, CancellationToken ct)
    {
        if (error is not OffpeakException)
            flow.Errors.Report(error, Component, batch.Id);

        var why = error is OffpeakException ? error.Message : $"{what}: {error.GetType().Name}.";
        await flow.Store.TryFailTurnAsync(turn, FailureCodes.NotContinued, why, ct);
    }

    private async Task<bool> IsStoppedAsync(long batchId, Lease lease, CancellationToken ct) =>
        lease.CancelRequested
        || await flow.Store.FindBatchAsync(batchId, ct) is not { CancelRequestedAt: null } batch
        || await flow.HasComeAsync(batch.FallbackAt, ct);

    /// <returns>The next turn's body; null if there is no limit to raise.</returns>
    private async Task<byte[]?> WriteAsync(BatchRow batch, IEntryCodec codec, EntryTurn turn, CancellationToken ct) => turn.Continuation switch
    {
        EntryContinuation.ToolCalls => await AnswerCallsAsync(batch, codec, turn, ct),
        EntryContinuation.Paused => codec.Continue(batch.Endpoint, turn.Request, turn.Answer, []),
        // An empty or cut answer is no turn of a conversation: the same is asked once more.
        EntryContinuation.OutputLimit => codec.RaiseOutputLimit(batch.Endpoint, turn.Request, OutputFactor),
        _ => codec.Continue(batch.Endpoint, turn.Request, turn.Answer, [new ChatMessage(ChatRole.User, Correction(turn))]),
    };

    private async Task<byte[]> AnswerCallsAsync(BatchRow batch, IEntryCodec codec, EntryTurn turn, CancellationToken ct)
    {
        var calls = codec.Decode(batch.Endpoint, turn.Answer).Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
        if (calls.Count == 0)
            throw new OffpeakException(OffpeakErrorCode.Provider, "The answer stopped for tool calls but holds none.");

        var results = await tools.AnswerAsync(new ToolContext(batch.Id, turn.CustomId, turn.Turn + 1), calls, ct);
        return codec.Continue(batch.Endpoint, turn.Request, turn.Answer, [results]);
    }

    private static string Correction(EntryTurn turn) =>
        $"Your answer does not match the JSON schema. {turn.Problem} Answer again, with nothing but JSON that matches the schema.";
}
