using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>Asks for a batch and says it in the engine's words. The state counts, not whether the operation carries an error.</summary>
internal sealed class GeminiStatusCall(ProviderHttp http, BatchDownload batches)
{
    public async Task<ProviderSnapshot> SendAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        await using var reading = await batches.OpenAsync(batch.ProviderBatchId, keepItems: false, cancellationToken);
        var operation = await reading.FinishAsync(cancellationToken);
        return ToSnapshot(batch, operation, reading.Parts.HasList, reading.RetryAfter);
    }

    private ProviderSnapshot ToSnapshot(ProviderBatchRef batch, OperationObject operation, bool hasInlineResults, TimeSpan? retryAfter)
    {
        var (state, isKnown) = BatchStates.Read(operation);
        var journal = UpdatedJournal(batch.Journal, operation);
        return new ProviderSnapshot
        {
            State = state,
            Status = new ProviderStatus(operation.State),
            StatusIsUnknown = !isKnown,
            Counts = operation.Counts,
            Journal = journal,
            RetryAfter = retryAfter,
            ResultsReady = state != ProviderBatchState.Ended || hasInlineResults || journal[GeminiJournalNames.OutputFile] is not null
                || (operation.Counts?.Total ?? batch.EntryCount) <= 0,
            Failure = state == ProviderBatchState.Failed ? FailureOf(operation.Error) : null,
        };
    }

    private static Journal UpdatedJournal(Journal journal, OperationObject operation)
    {
        journal = operation.InputFile is { } input ? journal.With(GeminiJournalNames.InputFile, input) : journal;
        return operation.OutputFile is { } output ? journal.With(GeminiJournalNames.OutputFile, output) : journal;
    }

    private ProviderFailure FailureOf(OperationError? error)
    {
        var code = error?.Word ?? RpcCode.Word(error?.Code);
        var message = error?.Message ?? code ?? "The provider gave no reason.";
        return new(
            error?.IsCapacity == true ? ProviderErrorClass.Capacity : ProviderErrorClass.Refused,
            code is null ? null : http.Errors.Clean(code),
            http.Errors.Clean(message));
    }
}
