using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>The one call that costs money. It is sent once, and whatever comes back says whether a batch can exist.</summary>
internal sealed class GeminiCreateCall(ProviderHttp http, GeminiOptions options, GeminiUpload inputFile)
{
    public async Task<ProviderReceipt> SendAsync(Submission submission, CancellationToken cancellationToken)
    {
        var inline = BatchFormats.Inline(submission.Key);
        var reply = EntryContent.LengthOf(submission, inline) <= options.InlineLimitBytes
            ? await SendInlineAsync(submission, inline, cancellationToken)
            : await SendFileAsync(submission, cancellationToken);
        return OperationObject.Parse(reply.Body) is { Name: { } name } batch
            ? new ProviderReceipt(name, new ProviderStatus(batch.State), reply.RetryAfter)
            : throw http.Errors.Unclear("gave an answer that cannot be read");
    }

    private async Task<WireReply> SendInlineAsync(Submission submission, EntryFormat format, CancellationToken cancellationToken)
    {
        using var limit = http.NewTransferLimit(cancellationToken);
        using var entries = new EntryContent(submission, format, limit.Renew);
        return await SendAsync(submission, entries, limit, cancellationToken);
    }

    private async Task<WireReply> SendFileAsync(Submission submission, CancellationToken cancellationToken)
    {
        var file = await inputFile.EnsureAsync(submission, cancellationToken);
        using var limit = http.NewLimit(options.CreateTimeout, cancellationToken);
        return await SendAsync(submission, BatchFormats.OfFile(submission.Key, file), limit, cancellationToken);
    }

    private async Task<WireReply> SendAsync(Submission submission, HttpContent content, IdleLimit limit, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Post, ApiPath.Create(submission.Model, submission.Endpoint), content);
        await submission.BeginCreateAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        limit.Renew();
        try
        {
            return await http.CreateAsync(request, limit, cancellationToken);
        }
        catch (ProviderException refusal) when (refusal is { StatusCode: 429, ProviderCode: "RESOURCE_EXHAUSTED" })
        {
            // The quota of enqueued tokens or of concurrent batches is used up, which only time cures.
            throw new ProviderException(ProviderErrorClass.Capacity, refusal.Message)
            {
                StatusCode = refusal.StatusCode,
                ProviderCode = refusal.ProviderCode,
                RetryAfter = refusal.RetryAfter,
            };
        }
    }
}
