using System.Collections.Concurrent;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

namespace Offpeak.Anthropic.Codec;

/// <summary>
/// The official client over a transport that sends nothing. Retries, validation and tracing are off. The SDK is loaded on first use.
/// </summary>
internal static class AnthropicRecordingClients
{
    /// <summary>Output tokens allowed when the caller does not say; the API demands a number.</summary>
    public const int DefaultMaxTokens = 4096;

    private static readonly ConcurrentDictionary<string, IChatClient> Clients = new(StringComparer.Ordinal);

    private static readonly Lazy<AnthropicClient> Client = new(() => new AnthropicClient(new ClientOptions
    {
        ApiKey = "unused",
        BaseUrl = "http://localhost",
        HttpClient = new HttpClient(new RecordingHandler()),
        MaxRetries = 0,
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        ResponseValidation = false,
        OpenTelemetry = new OpenTelemetryOptions { Traces = false },
    }));

    public static IChatClient Get(string model) => Clients.GetOrAdd(model, static name => Client.Value.AsIChatClient(name, DefaultMaxTokens));

    /// <summary>Calls the client with a slot in place; everything completes before this returns.</summary>
    public static ChatResponse Call(string model, AnthropicRecordingSlot slot, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var outer = AnthropicRecordingSlot.Current;
        AnthropicRecordingSlot.Current = slot;
        try
        {
            return Get(model).GetResponseAsync(messages, options).GetAwaiter().GetResult();
        }
        finally
        {
            AnthropicRecordingSlot.Current = outer;
        }
    }
}
