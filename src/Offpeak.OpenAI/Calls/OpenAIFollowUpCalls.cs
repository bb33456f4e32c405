using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>Cancels a batch, and deletes it where that can be done.</summary>
internal sealed class OpenAIFollowUpCalls(ProviderHttp http, Dialect dialect, FileCalls files)
{
    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken ct)
    {
        const string Action = "cancel the batch";
        if (!dialect.Profile.Cancels)
            return;
        var reply = await http.CallAsync(HttpMethod.Post, dialect.PathOf(batch.ProviderBatchId) + "/cancel", Action, ct);
        if (!reply.IsSuccess && !OpenAIErrorWords.SaysAlreadyTerminal(reply))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>Deletes the files, and then the batch where that can be done.</summary>
    public async Task DeleteAllAsync(ProviderBatchRef batch, CancellationToken ct)
    {
        await files.DeleteAsync(batch, ct);
        if (dialect.Profile.DeletesBatches)
            await http.DeleteAllAsync([dialect.PathOf(batch.ProviderBatchId)], "delete the batch", isGone: null, ct);
    }
}
