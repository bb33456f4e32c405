using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>Cancels and deletes a batch.</summary>
internal sealed class MessageBatchFollowUpCalls(ProviderHttp http, MessageBatchStatusCall status)
{
    public async Task CancelAsync(string id, CancellationToken cancellationToken)
    {
        const string Action = "cancel the batch";
        var reply = await http.CallAsync(HttpMethod.Post, BatchPaths.Cancel(id), Action, cancellationToken);
        if (!reply.IsSuccess && !await HasEndedAsync(reply, id, cancellationToken))
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
    }

    /// <summary>A batch that is already gone is not an error.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) =>
        http.DeleteAllAsync([BatchPaths.One(id)], "delete the batch", isGone: null, cancellationToken);

    /// <summary>How the cancel of an ended batch is refused is not documented, so the batch itself is asked.</summary>
    private async Task<bool> HasEndedAsync(WireReply refusal, string id, CancellationToken cancellationToken)
    {
        if (refusal.Status is not (400 or 409 or 422))
            return false;
        try
        {
            return (await status.SendAsync(id, cancellationToken)).State != ProviderBatchState.Running;
        }
        catch (ProviderException)
        {
            return false;
        }
    }
}
