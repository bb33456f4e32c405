using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using Offpeak.Providers;

namespace Offpeak.Kit.Http;

/// <summary>Sends single HTTP requests: no redirects, no retries, no cookies, time limits by the given clock.</summary>
[Experimental("OFFPEAK001")]
public sealed class ProviderHttp
{
    private const int MaxReplyBytes = 32 * 1024 * 1024;

    private readonly ProviderHttpSettings settings;
    private readonly TimeProvider time;
    private readonly Lazy<HttpClient> client;
    private readonly Lazy<string?> fingerprint;

    /// <summary>Makes the door to one provider. No connection is made and no client built before the first call.</summary>
    /// <param name="settings">What tells this provider from another.</param>
    /// <param name="time">The clock.</param>
    /// <param name="handler">Sends the requests; null for the usual one.</param>
    public ProviderHttp(ProviderHttpSettings settings, TimeProvider time, HttpMessageHandler? handler)
    {
        this.settings = settings;
        this.time = time;
        Errors = new ProviderErrors(settings);
        fingerprint = new(() => Http.KeyFingerprint.Of(settings.ApiKey));
        client = new(() => new HttpClient(handler ?? NewHandler()) { Timeout = Timeout.InfiniteTimeSpan });
    }

    /// <summary>Makes the errors that this provider's calls throw.</summary>
    public ProviderErrors Errors { get; }

    /// <summary>The provider's name, for messages.</summary>
    public string Name => settings.Name;

    /// <summary>The mark of the key in use, see <see cref="IBatchProvider.KeyFingerprint"/>.</summary>
    public string? KeyFingerprint => fingerprint.Value;

    /// <summary>The time by the given clock.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Makes a request with its credentials. Fails before anything is sent if the key or the base URL cannot be used.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Appended to the base URL with a slash; or an absolute URL, which must be on the base URL's origin.</param>
    /// <param name="content">The body, or null.</param>
    public HttpRequestMessage NewRequest(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, UrlOf(path)) { Content = content };
        settings.Authorize(request, UsableKey());
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("offpeak", typeof(ProviderHttp).Assembly.GetName().Version?.ToString(3)));
        return request;
    }

    /// <summary>
    /// Sends a request and reads the whole answer. Throws what the connection throws, or <see cref="TimeoutException"/> when the limit
    /// passes; the caller gives it a class.
    /// </summary>
    public async Task<WireReply> SendAsync(HttpRequestMessage request, IdleLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return await ReadReplyAsync(response, limit.Token);
        }
        catch (OperationCanceledException cause) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The time limit passed.", cause);
        }
    }

    /// <summary>Sends a request that may be repeated, and gives network trouble its class.</summary>
    public async Task<WireReply> CallAsync(HttpMethod method, string path, string action, CancellationToken cancellationToken)
    {
        using var request = NewRequest(method, path);
        return await CallAsync(request, action, cancellationToken);
    }

    /// <inheritdoc cref="CallAsync(HttpMethod, string, string, CancellationToken)"/>
    public async Task<WireReply> CallAsync(HttpRequestMessage request, string action, CancellationToken cancellationToken)
    {
        using var limit = NewLimit(settings.RequestTimeout, cancellationToken);
        return await CallAsync(request, limit, action, cancellationToken);
    }

    /// <inheritdoc cref="CallAsync(HttpMethod, string, string, CancellationToken)"/>
    public async Task<WireReply> CallAsync(
        HttpRequestMessage request, IdleLimit limit, string action, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(request, limit, cancellationToken);
        }
        catch (Exception cause) when (cause is HttpRequestException or IOException or TimeoutException)
        {
            throw Errors.FromNetwork(cause, action);
        }
    }

    /// <summary>Deletes things that go together: each is tried, then the first failure is thrown. What is already gone is none.</summary>
    /// <param name="paths">What to delete, in this order.</param>
    /// <param name="action">What is attempted, for messages: <c>delete a file of the batch</c>.</param>
    /// <param name="isGone">Whether a refusal says that there is nothing; null takes 404 and 410.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task DeleteAllAsync(
        IEnumerable<string> paths, string action, Func<WireReply, bool>? isGone, CancellationToken cancellationToken)
    {
        ProviderException? first = null;
        foreach (var path in paths)
        {
            try
            {
                var reply = await CallAsync(HttpMethod.Delete, path, action, cancellationToken);
                if (!reply.IsSuccess && !(isGone?.Invoke(reply) ?? reply.Status is 404 or 410))
                    first ??= Errors.FromReply(reply, action, namesAnObject: true);
            }
            catch (ProviderException failure)
            {
                first ??= failure;
            }
        }

        if (first is not null)
            throw first;
    }

    /// <summary>
    /// Sends the one create call. Whatever goes wrong from here on leaves open whether a batch exists, unless no connection was made.
    /// </summary>
    public async Task<WireReply> CreateAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = NewLimit(timeout, cancellationToken);
        return await CreateAsync(request, limit, cancellationToken);
    }

    /// <inheritdoc cref="CreateAsync(HttpRequestMessage, TimeSpan, CancellationToken)"/>
    public async Task<WireReply> CreateAsync(HttpRequestMessage request, IdleLimit limit, CancellationToken cancellationToken)
    {
        WireReply reply;
        try
        {
            reply = await SendAsync(request, limit, cancellationToken);
        }
        catch (Exception cause)
        {
            throw Errors.FromCreateNetwork(cause);
        }

        return reply.IsSuccess ? reply : throw Errors.FromCreateReply(reply);
    }

    /// <summary>Sends a request and returns once the headers are there; the caller disposes the answer.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, IdleLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException cause) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The time limit passed.", cause);
        }
    }

    /// <summary>Reads an answer to its end, which has a limit of 32 MB.</summary>
    public async Task<WireReply> ReadReplyAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode,
        await ReadBodyAsync(response, cancellationToken),
        WireReply.ReadRetryAfter(response.Headers, time.GetUtcNow()))
    {
        Headers = response.Headers,
    };

    /// <summary>A limit by the given clock.</summary>
    public IdleLimit NewLimit(TimeSpan limit, CancellationToken cancellationToken) => new(limit, time, cancellationToken);

    /// <summary>A limit on silence during an upload or download; progress renews it.</summary>
    public IdleLimit NewTransferLimit(CancellationToken cancellationToken) => NewLimit(settings.TransferIdleTimeout, cancellationToken);

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxReplyBytes, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = DecompressionMethods.None,
    };

    // A URL out of an answer gets our key only on the provider's own origin.
    private Uri UrlOf(string path)
    {
        if (!Uri.TryCreate(settings.BaseUrl.TrimEnd('/') + "/", UriKind.Absolute, out var root) || root.Scheme is not ("https" or "http"))
            throw Errors.Make(ProviderErrorClass.Unreachable, $"The base URL of {settings.Name} is not an http or https URL");
        if (path.StartsWith('/') || !path.Contains("://", StringComparison.Ordinal))
            return new Uri(settings.BaseUrl.TrimEnd('/') + "/" + path.TrimStart('/'));
        return Uri.TryCreate(path, UriKind.Absolute, out var url) && IsSameOrigin(url, root)
            ? url
            : throw Errors.Make(ProviderErrorClass.Unexpected, $"{settings.Name} named a URL on another origin, which is not followed");
    }

    private static bool IsSameOrigin(Uri left, Uri right) =>
        left.Scheme == right.Scheme && left.Port == right.Port && string.Equals(left.Host, right.Host, StringComparison.OrdinalIgnoreCase);

    private string UsableKey()
    {
        if (string.IsNullOrWhiteSpace(settings.ApiKey))
            throw Errors.Make(ProviderErrorClass.Unauthorized, $"There is no API key for {settings.Name}: set {settings.KeySetting}");
        return settings.ApiKey.All(c => c is > ' ' and <= '~')
            ? settings.ApiKey
            : throw Errors.Make(
                ProviderErrorClass.Unauthorized, $"The API key for {settings.Name} holds characters that no key has: check {settings.KeySetting}");
    }
}
