using Offpeak.Codec;

namespace Offpeak.Conformance.OpenAI;

/// <summary>The other endpoint, whose answers have another shape and one choice.</summary>
public sealed class OpenAIResponsesSubject : OpenAISubject
{
    public override BatchEndpoint Endpoint => BatchEndpoint.Responses;

    public override byte[]? WithChoices(byte[] body, int count) => null;
}
