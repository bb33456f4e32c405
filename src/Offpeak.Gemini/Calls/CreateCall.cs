using Offpeak.Gemini.Wire;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.Gemini.Calls;

/// <summary>The one call that costs money. It is sent once, and whatever comes back says whether a batch can exist.</summary>
internal sealed class CreateCall(ProviderHttp http, GeminiOptions options, InputFile inputFile)
{
    public async Task<ProviderReceipt> SendAsync(Submission submission, CancellationToken cancellationToken)
    {
        var inline = BatchFormats.Inline(submission.Key);
        try
        {
            var reply = EntryContent.LengthOf(submission, inline) <= options.InlineLimitBytes
                ? await SendInlineAsync(submission, inline, cancellationToken)
                : await SendFileAsync(submission, cancellationToken);
            return OperationObject.Parse(reply.Body) is { Name: { } name } batch
                ? new ProviderReceipt(name, new ProviderStatus(batch.State), reply.RetryAfter)
                : throw http.Errors.Unclear("gave an answer that cannot be read");
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

    private async Task<WireReply> SendInlineAsync(Submission submission, EntryFormat format, CancellationToken cancellationToken)
    {
        using var limit = http.NewTransferLimit(cancellationToken);
        using var entries = new EntryContent(submission, format, limit.Renew);
        using var request = NewRequest(submission, entries);
        await submission.BeginCreateAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return await http.CreateAsync(request, limit, cancellationToken);
    }

    private async Task<WireReply> SendFileAsync(Submission submission, CancellationToken cancellationToken)
    {
        var file = await inputFile.EnsureAsync(submission, cancellationToken);
        using var request = NewRequest(submission, BatchFormats.OfFile(submission.Key, file));
        await submission.BeginCreateAsync(cancellationToken);
        return await http.CreateAsync(request, options.CreateTimeout, cancellationToken);
    }

    private HttpRequestMessage NewRequest(Submission submission, HttpContent content) =>
        http.NewRequest(HttpMethod.Post, ApiPath.Create(submission.Model, submission.Endpoint), content);
}
