using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>Asks for a batch and says it in the engine's words.</summary>
internal sealed class StatusCall(ProviderHttp http)
{
    public async Task<ProviderSnapshot> SendAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        const string Action = "read the batch";
        var path = "batches/" + Uri.EscapeDataString(batch.ProviderBatchId);
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        var answer = BatchObject.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read");
        return ToSnapshot(batch, answer, reply.RetryAfter);
    }

    private ProviderSnapshot ToSnapshot(ProviderBatchRef batch, BatchObject answer, TimeSpan? retryAfter)
    {
        var (state, isKnown) = BatchStatus.Read(answer.Status);
        var remember = Remember(batch.State, answer);
        return new ProviderSnapshot
        {
            State = state,
            Status = new ProviderStatus(answer.Status),
            StatusIsUnknown = !isKnown,
            Counts = answer.Counts,
            Remember = remember,
            RetryAfter = retryAfter,
            ResultsReady = state != ProviderBatchState.Ended || HasFiles(remember) || (answer.Counts?.Total ?? batch.EntryCount) <= 0,
            Failure = state == ProviderBatchState.Failed ? FailureOf(answer.Error) : null,
        };
    }

    private static ProviderState Remember(ProviderState state, BatchObject answer)
    {
        state = answer.InputFileId is { } input ? state.With(StateNames.InputFile, input) : state;
        state = answer.OutputFileId is { } output ? state.With(StateNames.OutputFile, output) : state;
        return answer.ErrorFileId is { } error ? state.With(StateNames.ErrorFile, error) : state;
    }

    private static bool HasFiles(ProviderState state) => state[StateNames.OutputFile] is not null || state[StateNames.ErrorFile] is not null;

    private ProviderFailure FailureOf(BatchError? error)
    {
        var message = error?.Message ?? error?.Code ?? "The provider gave no reason.";
        if (error?.Line is { } line)
            message = $"Line {line}: {message}";
        var errorClass = WireError.MeansCapacity(error?.Code, error?.Message) ? ProviderErrorClass.Capacity : ProviderErrorClass.Refused;
        return new(errorClass, error?.Code is { } code ? http.Errors.Clean(code) : null, http.Errors.Clean(message));
    }
}
