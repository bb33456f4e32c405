using System.Runtime.ExceptionServices;
using Offpeak.Anthropic.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>The one call that costs money: all entries in one streamed body. It is sent once.</summary>
internal sealed class MessageBatchCreateCall(ProviderHttp http, AnthropicOptions options)
{
    // 256 MB read generously. A server that refuses a body by its length closes the connection before it was sent, which looks like an
    // open outcome, so what is certain to be refused is not sent.
    private const long MostBytes = 256 * 1024 * 1024;

    /// <summary>
    /// Sends the entries. Nothing is journalled and nothing journalled is used: one call makes the batch, so an earlier attempt left
    /// nothing behind that could be used again.
    /// </summary>
    public async Task<ProviderReceipt> SendAsync(Submission submission, CancellationToken cancellationToken)
    {
        using var limit = http.NewLimit(options.CreateTimeout, cancellationToken);
        using var entries = new EntryContent(submission, CreateFormat.Value, limit.Renew);
        if (entries.Length > MostBytes)
            throw TooLarge(entries.Length);
        using var request = http.NewRequest(HttpMethod.Post, BatchPaths.All, entries);
        await submission.BeginCreateAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        limit.Renew();
        var reply = await SendAsync(request, entries.Length, limit, cancellationToken);
        return MessageBatch.Parse(reply.Body) is { Id: { } id } batch
            ? new ProviderReceipt(id, new ProviderStatus(batch.Status), reply.RetryAfter)
            : throw http.Errors.Unclear("gave an answer that cannot be read");
    }

    private async Task<WireReply> SendAsync(HttpRequestMessage request, long bytes, IdleLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            return await http.CreateAsync(request, limit, cancellationToken);
        }
        catch (ProviderException failure) when (failure.StatusCode == 413)
        {
            throw TooLarge(bytes, failure);
        }
        catch (ProviderException failure) when (FaultOfEntries(failure) is { } fault)
        {
            // The body ends only after its last entry, so without that the provider has nothing to make a batch of.
            if (fault is LeaseLostException)
                ExceptionDispatchInfo.Throw(fault);
            throw http.Errors.Make(ProviderErrorClass.Unexpected, $"The upload to {options.Name} was not finished: {fault.Message}", fault);
        }
    }

    private ProviderException TooLarge(long bytes, ProviderException? failure = null) => new(
        ProviderErrorClass.Refused,
        $"{options.Name} takes at most 256 MB in one batch; this one has {bytes:N0} bytes, which is too large (HTTP 413, request_too_large).",
        failure)
    {
        StatusCode = 413,
        ProviderCode = failure?.ProviderCode ?? "request_too_large",
    };

    /// <summary>What stopped the upload on our side of the wire, or null.</summary>
    private static Exception? FaultOfEntries(ProviderException failure)
    {
        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (cause is OffpeakException and not ProviderException)
                return cause;
        }

        return null;
    }
}
