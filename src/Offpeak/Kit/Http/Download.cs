using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>Opens an answer that is read as a stream, and gives what breaks it on the way its class.</summary>
internal sealed class Download(ProviderHttp http, string action, CancellationToken cancellationToken)
{
    /// <exception cref="ProviderException">The answer is an error, or could not be opened.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, IdleLimit limit)
    {
        try
        {
            var response = await http.OpenAsync(request, limit, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;

            using (response)
                throw http.Errors.FromReply(await http.ReadReplyAsync(response, limit.Token), action, namesAnObject: true);
        }
        catch (Exception cause) when (IsBroken(cause))
        {
            throw http.Errors.FromNetwork(cause, action);
        }
    }

    /// <summary>Reads on.</summary>
    /// <returns>Whether there is more.</returns>
    /// <exception cref="ProviderException">The answer broke, or fell silent.</exception>
    public async ValueTask<bool> ReadOnAsync(Func<ValueTask<bool>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception cause) when (IsBroken(cause))
        {
            throw http.Errors.FromNetwork(
                cause is OperationCanceledException ? new TimeoutException("The download fell silent.", cause) : cause, action);
        }
    }

    private bool IsBroken(Exception cause) =>
        cause is HttpRequestException or IOException or TimeoutException
        || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
