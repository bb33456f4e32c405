using Offpeak.Codec;

namespace Offpeak.Conformance.XAI;

/// <summary>The other endpoint, whose answers come back as chat completions.</summary>
public sealed class XAIResponsesSubject : XAISubject
{
    public override BatchEndpoint Endpoint => BatchEndpoint.Responses;
}
