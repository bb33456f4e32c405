using Offpeak.Codec;

namespace Offpeak.OpenAI.Codec;

/// <summary>The endpoints whose bodies the codec understands. Azure writes their paths without <c>/v1</c>.</summary>
internal enum EndpointKind
{
    Other,
    Chat,
    Responses,
}

internal static class EndpointKinds
{
    public static EndpointKind KindOf(BatchEndpoint endpoint) => endpoint.Path switch
    {
        { } path when path.EndsWith("/chat/completions", StringComparison.Ordinal) => EndpointKind.Chat,
        { } path when path.EndsWith("/responses", StringComparison.Ordinal) => EndpointKind.Responses,
        _ => EndpointKind.Other,
    };
}
