using Offpeak.Codec;

namespace Offpeak.OpenAI.Codec;

/// <summary>The endpoints whose bodies the codec understands.</summary>
internal enum EndpointKind
{
    Other,
    Chat,
    Responses,
}

internal static class EndpointKinds
{
    public static EndpointKind KindOf(BatchEndpoint endpoint) =>
        endpoint.IsChat ? EndpointKind.Chat : endpoint.IsResponses ? EndpointKind.Responses : EndpointKind.Other;
}
