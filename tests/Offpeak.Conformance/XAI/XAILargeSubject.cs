using Offpeak.XAI;

namespace Offpeak.Conformance.XAI;

/// <summary>Calls of the usual size, of which a large batch does not need more than xAI allows in half a minute.</summary>
public sealed class XAILargeSubject : XAISubject
{
    protected override XAIOptions Options => new();
}
