using Offpeak.Anthropic;
using Offpeak.Conformance.Subjects;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Anthropic;

public sealed class AnthropicSubject : ProviderSubject
{
    public override Type ProviderType => typeof(AnthropicBatchProvider);

    public override IReadOnlyList<EmulatorOperation> SubmitFlow => [EmulatorOperation.CreateBatch];

    public override EmulatorOperation ResultCall => EmulatorOperation.GetResults;

    public override IReadOnlyList<string> Fixtures => ["anthropic-results.jsonl"];

    public override IReadOnlyList<EarlyEnd> EarlyEnds =>
    [
        new("expired", ProviderBatchState.Expired, KeepsAnswers: true),
        new("cancelled", ProviderBatchState.Canceled, KeepsAnswers: true),
    ];

    public override bool ReportsProgress => false;

    public override bool FindsLostBatches => false;

    /// <summary>A page holds 1,000.</summary>
    public override int BatchesForTwoPages => 1_001;

    public override Fault? UnknownStatus => Fault.Patch(EmulatorOperation.GetBatch, """{"processing_status":"pondering"}""");

    /// <summary>There is one word for both.</summary>
    public override string BlockedAs => "refused";

    public override bool HasOwnLimit => false;

    public override bool Pauses => true;

    public override byte[]? WithChoices(byte[] body, int count) => null;

    public override string Model => "claude-haiku-4-5";

    public override IBatchProvider Make(EmulatorServer emulator, TimeProvider time, string key)
    {
        ArgumentNullException.ThrowIfNull(emulator);
        return new AnthropicBatchProvider(new AnthropicOptions { ApiKey = key, BaseUrl = emulator.AnthropicBaseUrl.ToString() }, time);
    }

    public override (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler) =>
        (new AnthropicBatchProvider(new AnthropicOptions { ApiKey = "sk-test" }, handler: handler), Journal.Empty);

    public override HttpContent? Answer(HttpRequestMessage request, byte[] results) => new ByteArrayContent(results);
}
