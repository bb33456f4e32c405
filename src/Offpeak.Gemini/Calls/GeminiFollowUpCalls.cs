using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>Cancels a batch and deletes what is left of it.</summary>
internal sealed class GeminiFollowUpCalls(ProviderHttp http)
{
    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        const string Action = "cancel the batch";
        using var request = http.NewRequest(
            HttpMethod.Post, ApiPath.Of("batches", batch.ProviderBatchId) + ":cancel", BatchFormats.Empty());
        var reply = await http.CallAsync(request, Action, cancellationToken);
        if (!reply.IsSuccess && !SaysAlreadyTerminal(reply))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>Tries both, then reports the first failure.</summary>
    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var name = ApiPath.Of("batches", batch.ProviderBatchId);
        return http.DeleteAllAsync([.. FilesOf(batch), name], "delete the batch and its input file", GoogleError.IsGone, cancellationToken);
    }

    /// <summary>Deletes the input files of attempts that made no batch.</summary>
    public Task AbandonAsync(FindRequest request, CancellationToken cancellationToken) =>
        http.DeleteAllAsync(FilesOf(request), "delete the input file", GoogleError.IsGone, cancellationToken);

    private static IEnumerable<string> FilesOf(ShardDescription shard) =>
        shard.Journal.AllOf(GeminiJournalNames.InputFile).Select(file => ApiPath.Of("files", file));

    /// <summary>What a cancel of a finished batch answers is not documented; a wrong state is a 400 elsewhere in Google's APIs.</summary>
    private static bool SaysAlreadyTerminal(WireReply reply) => reply.Status == 409
        || (reply.Status == 400 && GoogleError.Read(reply.Body) is var error
            && (error.Code == "FAILED_PRECONDITION" || error.Message?.Contains("already", StringComparison.OrdinalIgnoreCase) == true));
}
