using Offpeak.Conformance.Subjects;
using Offpeak.OpenAI;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.OpenAI;

public class OpenAISubject : ProviderSubject
{
    public override Type ProviderType => typeof(OpenAIBatchProvider);

    public override IReadOnlyList<EmulatorOperation> SubmitFlow => [EmulatorOperation.UploadFile, EmulatorOperation.CreateBatch];

    public override EmulatorOperation ResultCall => EmulatorOperation.DownloadFile;

    public override IReadOnlyList<string> Fixtures => ["openai-output.jsonl", "openai-errors.jsonl"];

    public override IReadOnlyList<EarlyEnd> EarlyEnds =>
    [
        new("expired", ProviderBatchState.Expired, KeepsAnswers: true),
        new("cancelled", ProviderBatchState.Canceled, KeepsAnswers: true),
        new("failed", ProviderBatchState.Failed, KeepsAnswers: true),
    ];

    public override IBatchProvider Make(EmulatorServer emulator, TimeProvider time, string key)
    {
        ArgumentNullException.ThrowIfNull(emulator);
        return new OpenAIBatchProvider(new OpenAIOptions { ApiKey = key, BaseUrl = emulator.OpenAIBaseUrl.ToString() }, time);
    }

    public override (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler) =>
        (new OpenAIBatchProvider(new OpenAIOptions { ApiKey = "sk-test" }, handler: handler), new Journal([new("output_file_id", "file-1")]));

    public override HttpContent? Answer(HttpRequestMessage request, byte[] results) => new ByteArrayContent(results);
}
