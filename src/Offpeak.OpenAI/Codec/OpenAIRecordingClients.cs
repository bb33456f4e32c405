using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;

namespace Offpeak.OpenAI.Codec;

/// <summary>
/// The official clients over a transport that sends nothing. Retries, logging and tracing are off. The SDK is loaded on first use.
/// </summary>
internal static class OpenAIRecordingClients
{
    private static readonly ConcurrentDictionary<(EndpointKind Kind, string Model), IChatClient> Clients = new();

    private static readonly BinaryData ChatAnswer = BinaryData.FromString(
        """
        {"id":"c","object":"chat.completion","created":0,"model":"m",
        "choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}
        """);

    private static readonly BinaryData ResponsesAnswer = BinaryData.FromString(
        """{"id":"r","object":"response","created_at":0,"status":"completed","model":"m","output":[]}""");

    public static IChatClient Get(EndpointKind kind, string model) => Clients.GetOrAdd((kind, model), static key => Make(key.Kind, key.Model));

    private static IChatClient Make(EndpointKind kind, string model)
    {
        var credential = new ApiKeyCredential("unused");
        return kind == EndpointKind.Chat
            ? new ChatClient(model, credential, Configure(new OpenAIClientOptions(), ChatAnswer)).AsIChatClient()
            : new ResponsesClient(credential, Configure(new ResponsesClientOptions(), ResponsesAnswer)).AsIChatClient(model);
    }

    private static T Configure<T>(T options, BinaryData answer) where T : ClientPipelineOptions
    {
        options.Transport = new RecordingTransport(answer);
        options.RetryPolicy = new ClientRetryPolicy(0);
        options.ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false };
        options.EnableDistributedTracing = false;
        options.NetworkTimeout = Timeout.InfiniteTimeSpan;
        return options;
    }
}
