using Offpeak.Testing;
using Offpeak.XAI;

namespace Offpeak.Conformance.XAI;

/// <summary>The requests go in a file instead, from which the batch is made.</summary>
public sealed class XAIFileSubject : XAISubject
{
    public override IReadOnlyList<EmulatorOperation> SubmitFlow => [EmulatorOperation.UploadFile, EmulatorOperation.CreateBatch];

    protected override XAIOptions Options => new() { UseFiles = true };
}
