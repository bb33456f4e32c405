using Offpeak.OpenAI.Http;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>The one call that costs money. It is sent once, and whatever comes back says whether a batch can exist.</summary>
internal sealed class CreateCall(OpenAIHttp http, OpenAIOptions options)
{
    public async Task<ProviderReceipt> SendAsync(Submission submission, string inputFileId, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(
            HttpMethod.Post, "batches", CreateBody.Make(submission, inputFileId, options.CompletionWindow));
        await submission.BeginCreateAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var reply = await SendOnceAsync(request, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromCreateReply(reply);
        return BatchObject.Parse(reply.Body) is { Id: { } id } batch
            ? new ProviderReceipt(id, new ProviderStatus(batch.Status), reply.RetryAfter)
            : throw http.Errors.Unclear("gave an answer that cannot be read");
    }

    private async Task<WireReply> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = http.NewLimit(options.CreateTimeout, cancellationToken);
        try
        {
            return await http.SendAsync(request, limit, cancellationToken);
        }
        catch (Exception cause)
        {
            throw http.Errors.FromCreateNetwork(cause);
        }
    }
}
