using Offpeak.Anthropic.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>Asks for a batch and says it in the engine's words.</summary>
internal sealed class MessageBatchStatusCall(ProviderHttp http)
{
    public async Task<ProviderSnapshot> SendAsync(string id, CancellationToken cancellationToken)
    {
        const string Action = "read the batch";
        var reply = await http.CallAsync(HttpMethod.Get, BatchPaths.One(id), Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        var batch = MessageBatch.Parse(reply.Body)
            ?? throw http.Errors.Make(ProviderErrorClass.Unexpected, "The answer about the batch cannot be read");
        return new ProviderSnapshot
        {
            State = batch.State,
            Status = new ProviderStatus(batch.Status),
            StatusIsUnknown = !batch.StatusIsKnown,
            Counts = batch.Counts?.ToProviderCounts(),
            RetryAfter = reply.RetryAfter,
            ResultsReady = batch.HasResults,
        };
    }
}
