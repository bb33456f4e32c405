using Microsoft.Extensions.AI;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Diagnostics;
using Offpeak.Policies;
using Offpeak.Storage;
using Offpeak.Tools;

namespace Offpeak.Flow;

/// <summary>
/// Between two rounds: writes the next turn of every entry whose answer is not the last word. Tools run here, some entries at a time; each
/// entry is durable before the next takes its place, so a crash repeats at most the calls in flight.
/// </summary>
internal sealed class ContinueEntries(FlowContext flow, TurnStore turns, TurnLease lease, ToolCalls tools)
{
    public const string Component = "continue_entries";

    private const double OutputFactor = 2;

    public async Task<ContinueOutcome> RunAsync(Batch batch, CancellationToken ct)
    {
        if (batch is { MaxTurns: 0, ValidatesAnswers: false } || !await turns.AnyAsync(batch.Id, ct))
            return ContinueOutcome.Nothing;
        using var activity = OffpeakTelemetry.StartStep(Component, batch.Id);
        return await lease.TryRunAsync(batch, token => ContinueAllAsync(batch, token), ct) ? ContinueOutcome.Continued : ContinueOutcome.UnderWay;
    }

    private async Task ContinueAllAsync(Batch batch, CancellationToken ct)
    {
        var codec = flow.Providers.Get(RoundPolicy.ProviderOf(batch)).Codec;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = flow.Options.ToolConcurrency, CancellationToken = ct };
        for (long after = 0; await turns.PageAsync(batch.Id, after, ct) is { Count: > 0 } page; after = page[^1].EntryId)
            await Parallel.ForEachAsync(page, parallel, async (turn, token) => await ContinueAsync(batch, codec, turn, token));
    }

    private async Task ContinueAsync(Batch batch, IEntryCodec codec, EntryTurn turn, CancellationToken ct)
    {
        byte[] body;
        try
        {
            body = await WriteAsync(new BatchEndpoint(batch.Endpoint), codec, turn, ct);
        }
        catch (OffpeakException error)
        {
            await turns.FailAsync(turn, FailureCodes.NotContinued, error.Message, ct);
            return;
        }

        await turns.SaveAsync(turn, body, ct);
        flow.Probe.Reached(FlowPoint.TurnWritten);
    }

    private async Task<byte[]> WriteAsync(BatchEndpoint endpoint, IEntryCodec codec, EntryTurn turn, CancellationToken ct)
    {
        if (turn.Continuation == EntryContinuation.ToolCalls)
        {
            var calls = codec.Decode(endpoint, turn.Answer).Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ToList();
            if (calls.Count == 0)
                throw new OffpeakException(OffpeakErrorCode.Provider, "The answer stopped for tool calls but holds none.");
            return codec.Continue(endpoint, turn.Request, turn.Answer, [await tools.AnswerAsync(calls, ct)]);
        }

        if (turn.Continuation == EntryContinuation.OutputLimit && codec.RaiseOutputLimit(endpoint, turn.Request, OutputFactor) is { } raised)
            return raised;
        return codec.Continue(endpoint, turn.Request, turn.Answer, [new ChatMessage(ChatRole.User, Correction(turn))]);
    }

    private static string Correction(EntryTurn turn) =>
        $"Your answer does not match the JSON schema. {turn.Problem ?? "It was cut off."} Answer again, with nothing but JSON that matches the schema.";
}
