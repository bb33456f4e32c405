using Offpeak.Kit.Http;

namespace Offpeak.Gemini.Calls;

/// <summary>Asks for a batch without holding the answer: once a batch has ended, it repeats all results that it carries inline.</summary>
internal sealed class BatchDownload(ProviderHttp http, GeminiOptions options, TimeProvider time)
{
    public const string Action = "read the batch";

    /// <param name="id">The batch.</param>
    /// <param name="keepItems">Whether the results are wanted, or only what stands around them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Providers.ProviderException">The answer is an error, or there is none.</exception>
    public async Task<BatchReading> OpenAsync(string id, bool keepItems, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Get, ApiPath.Of("batches", id));
        var limit = http.NewLimit(keepItems ? options.TransferIdleTimeout : options.RequestTimeout, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await http.OpenAsync(request, limit, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw http.Errors.FromReply(await http.ReadReplyAsync(response, limit.Token), Action, namesAnObject: true);
            var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
            var retryAfter = WireReply.ReadRetryAfter(response.Headers, time.GetUtcNow());
            return new BatchReading(http.Errors, response, stream, limit, new(options.MaxResultBytes, keepItems)) { RetryAfter = retryAfter };
        }
        catch (Exception cause)
        {
            response?.Dispose();
            limit.Dispose();
            if (BatchReading.IsBroken(cause, cancellationToken))
                throw http.Errors.FromNetwork(cause, Action);
            throw;
        }
    }
}
