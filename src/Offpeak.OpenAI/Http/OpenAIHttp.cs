using System.Net;
using System.Net.Http.Headers;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Http;

/// <summary>Sends single HTTP requests: no redirects, no retries, no cookies, time limits by the given clock.</summary>
internal sealed class OpenAIHttp
{
    private const int MaxReplyBytes = 32 * 1024 * 1024;

    private readonly OpenAIOptions options;
    private readonly TimeProvider time;
    private readonly Lazy<HttpClient> client;

    public OpenAIHttp(OpenAIOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        this.options = options;
        this.time = time;
        Errors = new ProviderErrors(options.Name, options.ApiKey);
        client = new(() => new HttpClient(handler ?? NewHandler()) { Timeout = Timeout.InfiniteTimeSpan });
    }

    public ProviderErrors Errors { get; }

    /// <summary>Makes a request with its credentials. Fails before anything is sent if the key or the base URL cannot be used.</summary>
    public HttpRequestMessage NewRequest(HttpMethod method, string path, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, UrlOf(path)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", UsableKey());
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("offpeak", typeof(OpenAIHttp).Assembly.GetName().Version?.ToString(3)));
        if (options.Organization is { } organization)
            request.Headers.TryAddWithoutValidation("OpenAI-Organization", organization);
        if (options.Project is { } project)
            request.Headers.TryAddWithoutValidation("OpenAI-Project", project);
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
            var body = await ReadBodyAsync(response, limit.Token);
            return new((int)response.StatusCode, body, WireReply.ReadRetryAfter(response.Headers, time.GetUtcNow()));
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
        using var limit = NewLimit(options.RequestTimeout, cancellationToken);
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

    public async Task<WireReply> ReadReplyAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode,
        await ReadBodyAsync(response, cancellationToken),
        WireReply.ReadRetryAfter(response.Headers, time.GetUtcNow()));

    public IdleLimit NewLimit(TimeSpan limit, CancellationToken cancellationToken) => new(limit, time, cancellationToken);

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

    private Uri UrlOf(string path) =>
        Uri.TryCreate(options.BaseUrl.TrimEnd('/') + "/" + path, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            ? url
            : throw Errors.Make(ProviderErrorClass.Refused, $"The base URL of {options.Name} is not an http or https URL");

    private string UsableKey()
    {
        if (string.IsNullOrWhiteSpace(options.ApiKey))
            throw Errors.Make(ProviderErrorClass.Unauthorized, $"There is no API key for {options.Name}: set OPENAI_API_KEY");
        return options.ApiKey.All(c => c is > ' ' and <= '~')
            ? options.ApiKey
            : throw Errors.Make(
                ProviderErrorClass.Unauthorized, $"The API key for {options.Name} holds characters that no key has: check OPENAI_API_KEY");
    }
}
