using System.Net;
using System.Net.Http.Headers;

namespace Offpeak.Anthropic.Codec;

/// <summary>Takes down the body of a request, sends nothing, and answers with a stored or canned message.</summary>
internal sealed class RecordingHandler : HttpMessageHandler
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly byte[] Canned =
    [
        .. "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":\"end_turn\","u8,
        .. "\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}"u8,
    ];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var slot = AnthropicRecordingSlot.Current
            ?? throw new InvalidOperationException("The recording client was used outside of a call of the codec.");
        if (slot.Answer is null && request.Content is { } content)
            slot.Body = await content.ReadAsByteArrayAsync(cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(slot.Answer ?? Canned) { Headers = { ContentType = Json } },
        };
    }
}
