using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.XAI.Wire;

/// <summary>The name under which a request stands in a call that adds it (xAI API reference, Batches, Add requests).</summary>
internal static class RequestKind
{
    /// <exception cref="ProviderException">xAI cannot batch the endpoint.</exception>
    public static string NameOf(BatchEndpoint endpoint, ProviderErrors errors) => endpoint switch
    {
        _ when endpoint == BatchEndpoint.Chat => "chat_get_completion",
        _ when endpoint == BatchEndpoint.Responses => "responses",
        _ => throw errors.Make(
            ProviderErrorClass.Refused, $"xAI cannot batch '{endpoint}'; use {BatchEndpoint.Chat} or {BatchEndpoint.Responses}"),
    };
}
