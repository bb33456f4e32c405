using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Gemini;

/// <summary>Larger batches go through files both ways; here all do.</summary>
public sealed class GeminiFileSubject : GeminiSubject
{
    /// <summary>An upload is a start and a call with the bytes.</summary>
    public override IReadOnlyList<EmulatorOperation> SubmitFlow =>
        [EmulatorOperation.UploadFile, EmulatorOperation.UploadFile, EmulatorOperation.CreateBatch];

    public override EmulatorOperation ResultCall => EmulatorOperation.DownloadFile;

    public override bool HasResultLines => true;

    public override IReadOnlyList<string> Fixtures => ["gemini-results.jsonl"];

    protected override long InlineLimitBytes => 0;

    public override (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler) =>
        (base.MakeFor(handler).Provider, new Journal([new("output_file", "files/batch-1")]));
}
