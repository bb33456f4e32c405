using System.ClientModel.Primitives;

namespace Offpeak.OpenAI.Codec;

/// <summary>Takes down the body of a request, sends nothing, and answers with a canned reply.</summary>
internal sealed class RecordingTransport(BinaryData answer) : PipelineTransport(enableLogging: false, loggerFactory: null)
{
    protected override PipelineMessage CreateMessageCore() => new RecordedMessage(new RecordedRequest());

    protected override void ProcessCore(PipelineMessage message)
    {
        var slot = Begin();
        using var body = new MemoryStream(4096);
        message.Request.Content?.WriteTo(body, message.CancellationToken);
        slot.Body = body.ToArray();
        ((RecordedMessage)message).Answer(answer);
    }

    protected override async ValueTask ProcessCoreAsync(PipelineMessage message)
    {
        var slot = Begin();
        using var body = new MemoryStream(4096);
        if (message.Request.Content is { } content)
            await content.WriteToAsync(body, message.CancellationToken);
        slot.Body = body.ToArray();
        ((RecordedMessage)message).Answer(answer);
    }

    private static OpenAIRecordingSlot Begin() =>
        OpenAIRecordingSlot.Current ?? throw new InvalidOperationException("The recording client was used outside of an encoding call.");

    private sealed class RecordedMessage(PipelineRequest request) : PipelineMessage(request)
    {
        public void Answer(BinaryData answer) => Response = new RecordedResponse(answer);
    }
}
