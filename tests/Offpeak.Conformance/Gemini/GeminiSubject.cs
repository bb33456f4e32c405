using Offpeak.Conformance.Subjects;
using Offpeak.Gemini;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Gemini;

/// <summary>Small batches go inline and come back inside the batch.</summary>
public class GeminiSubject : ProviderSubject
{
    public override Type ProviderType => typeof(GeminiBatchProvider);

    public override IReadOnlyList<EmulatorOperation> SubmitFlow => [EmulatorOperation.CreateBatch];

    public override EmulatorOperation ResultCall => EmulatorOperation.GetBatch;

    public override bool HasResultLines => false;

    public override IReadOnlyList<string> Fixtures => ["gemini-inline.jsonl"];

    public override IReadOnlyList<EarlyEnd> EarlyEnds =>
    [
        new("expired", ProviderBatchState.Expired, KeepsAnswers: false),
        new("cancelled", ProviderBatchState.Canceled, KeepsAnswers: false),
        new("failed", ProviderBatchState.Failed, KeepsAnswers: false),
    ];

    public override bool KeepsAnswersAfterCancel => false;

    public override bool ReportsProgress => false;

    public override Fault? UnknownStatus => Fault.Patch(EmulatorOperation.GetBatch, """{"metadata":{"state":"BATCH_STATE_PONDERING"}}""");

    /// <summary>There is no word for it.</summary>
    public override string RefusedAs => "content_filter";

    public override byte[]? WithChoices(byte[] body, int count) => With(body, root => root["generationConfig"]!["candidateCount"] = count);

    public override string Model => "gemini-2.5-flash";

    public override string IdOf(EmulatedBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return "batches/" + batch.Id;
    }

    protected virtual long InlineLimitBytes => new GeminiOptions().InlineLimitBytes;

    public override IBatchProvider Make(EmulatorServer emulator, TimeProvider time, string key)
    {
        ArgumentNullException.ThrowIfNull(emulator);
        var options = new GeminiOptions { ApiKey = key, BaseUrl = emulator.GeminiBaseUrl.ToString(), InlineLimitBytes = InlineLimitBytes };
        return new GeminiBatchProvider(options, time);
    }

    public override (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler) =>
        (new GeminiBatchProvider(new GeminiOptions { ApiKey = "sk-test" }, handler: handler), Journal.Empty);

    public override HttpContent? Answer(HttpRequestMessage request, byte[] results) => new ByteArrayContent(results);
}
