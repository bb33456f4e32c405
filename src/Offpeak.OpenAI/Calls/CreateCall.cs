using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>The one call that costs money. It is sent once, and whatever comes back says whether a batch can exist.</summary>
internal sealed class CreateCall(ProviderHttp http, OpenAIOptions options)
{
    public async Task<ProviderReceipt> SendAsync(Submission submission, string inputFileId, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(
            HttpMethod.Post, "batches", CreateBody.Make(submission, inputFileId, options.CompletionWindow));
        await submission.BeginCreateAsync(cancellationToken);
        var reply = await http.CreateAsync(request, options.CreateTimeout, cancellationToken);
        return BatchObject.Parse(reply.Body) is { Id: { } id } batch
            ? new ProviderReceipt(id, new ProviderStatus(batch.Status), reply.RetryAfter)
            : throw http.Errors.Unclear("gave an answer that cannot be read");
    }
}
