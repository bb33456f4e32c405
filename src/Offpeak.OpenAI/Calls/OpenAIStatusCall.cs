using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>Asks for a batch and says it in the engine's words.</summary>
internal sealed class OpenAIStatusCall(ProviderHttp http, Dialect dialect)
{
    private const string Action = "read the batch";

    public async Task<ProviderSnapshot> SendAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var path = dialect.PathOf(batch.ProviderBatchId);
        if (dialect.Profile.InlineResults is not { } list)
            return await ReadAsync(batch, path, cancellationToken);
        var snapshot = await ReadWithListAsync(batch, path, list, cancellationToken);
        // Results that stand in no file may be shown only to those who ask for them.
        return snapshot.ResultsReady || dialect.ResultsPathOf(batch.ProviderBatchId) == path
            ? snapshot
            : await ReadWithListAsync(batch, dialect.ResultsPathOf(batch.ProviderBatchId), list, cancellationToken);
    }

    private async Task<ProviderSnapshot> ReadAsync(ProviderBatchRef batch, string path, CancellationToken cancellationToken)
    {
        var reply = await http.CallAsync(HttpMethod.Get, path, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        return ToSnapshot(batch, Parse(reply.Body), hasResults: false, reply.RetryAfter);
    }

    /// <summary>A batch that holds its results is as long as they are, so they are passed over while they arrive.</summary>
    private async Task<ProviderSnapshot> ReadWithListAsync(ProviderBatchRef batch, string path, string list, CancellationToken cancellationToken)
    {
        var answer = new ItemDownload(http, list, maxItemBytes: 0);
        var hasResults = await answer.ReadAsync(path, Action, cancellationToken).CountAsync(cancellationToken) > 0;
        return ToSnapshot(batch, Parse(answer.Frame), hasResults, answer.RetryAfter);
    }

    private OpenAIBatch Parse(ReadOnlyMemory<byte> body) => OpenAIBatch.Parse(body)
        ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read");

    private ProviderSnapshot ToSnapshot(ProviderBatchRef batch, OpenAIBatch answer, bool hasResults, TimeSpan? retryAfter)
    {
        var (state, isKnown) = StatusWords.Read(answer.Status);
        var journal = UpdatedJournal(batch.Journal, answer);
        return new ProviderSnapshot
        {
            State = state,
            Status = new ProviderStatus(answer.Status),
            StatusIsUnknown = !isKnown,
            Counts = answer.Counts,
            Journal = journal,
            RetryAfter = retryAfter,
            ResultsReady = state != ProviderBatchState.Ended || hasResults || HasFiles(journal) || (answer.Counts?.Total ?? batch.EntryCount) <= 0,
            Failure = state == ProviderBatchState.Failed ? FailureOf(answer.Error) : null,
        };
    }

    private static Journal UpdatedJournal(Journal journal, OpenAIBatch answer)
    {
        journal = answer.InputFileId is { } input ? journal.With(OpenAIJournalNames.InputFile, input) : journal;
        journal = answer.OutputFileId is { } output ? journal.With(OpenAIJournalNames.OutputFile, output) : journal;
        return answer.ErrorFileId is { } error ? journal.With(OpenAIJournalNames.ErrorFile, error) : journal;
    }

    private static bool HasFiles(Journal journal) => journal[OpenAIJournalNames.OutputFile] is not null || journal[OpenAIJournalNames.ErrorFile] is not null;

    private ProviderFailure FailureOf(BatchError? error)
    {
        var message = error?.Message ?? error?.Code ?? "The provider gave no reason.";
        if (error?.Line is { } line)
            message = $"Line {line}: {message}";
        var errorClass = OpenAIErrorWords.MeansCapacity(error?.Code, error?.Message) ? ProviderErrorClass.Capacity : ProviderErrorClass.Refused;
        return new(errorClass, error?.Code is { } code ? http.Errors.Clean(code) : null, http.Errors.Clean(message));
    }
}
