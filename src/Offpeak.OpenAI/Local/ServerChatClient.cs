using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Offpeak.Local;
using Offpeak.Providers;
using OpenAI;
using OpenAI.Chat;

namespace Offpeak.OpenAI.Local;

/// <summary>The official client against a server of one's own, for any model. It does not retry: whoever calls it does, within limits.</summary>
internal sealed class ServerChatClient(Uri baseUrl, ApiKeyCredential key) : IChatClient
{
    private readonly ConcurrentDictionary<string, IChatClient> clients = new(StringComparer.Ordinal);

    public static LocalFailure? Classify(Exception error) => error switch
    {
        ClientResultException { Status: > 0 } answered => LocalFailure.FromStatus(answered.Status, RetryAfterOf(answered)),
        _ when WasNotReached(error) => new LocalFailure(ProviderErrorClass.Unreachable),
        _ => null,
    };

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ClientOf(options).GetResponseAsync(messages, options, cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ClientOf(options).GetStreamingResponseAsync(messages, options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        foreach (var client in clients.Values)
            client.Dispose();
    }

    private IChatClient ClientOf(ChatOptions? options) => clients.GetOrAdd(options?.ModelId ?? "default", model => new ChatClient(
        model,
        key,
        new OpenAIClientOptions
        {
            Endpoint = baseUrl,
            RetryPolicy = new ClientRetryPolicy(0),
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
            EnableDistributedTracing = false,
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        }).AsIChatClient());

    // The client wraps what the connection threw. One that broke after the request was sent may have broken over that request.
    private static bool WasNotReached(Exception error) => error is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    } || (error.InnerException is { } inner && WasNotReached(inner));

    private static TimeSpan? RetryAfterOf(ClientResultException error) =>
        error.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true
        && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
