using System.Web;
using Offpeak.Conformance.Fuzz;
using Offpeak.Conformance.Subjects;
using Offpeak.Providers;
using Offpeak.Testing;
using Offpeak.XAI;

namespace Offpeak.Conformance.XAI;

/// <summary>A batch is made empty and filled by further calls; here by several, however small it is.</summary>
public class XAISubject : ProviderSubject
{
    private const int EntriesPerCall = 4;

    public override Type ProviderType => typeof(XAIBatchProvider);

    public override IReadOnlyList<EmulatorOperation> SubmitFlow => [EmulatorOperation.CreateBatch, EmulatorOperation.AppendRequests];

    public override EmulatorOperation ResultCall => EmulatorOperation.GetResults;

    public override bool HasResultLines => false;

    public override IReadOnlyList<string> Fixtures => ["xai-pages.jsonl"];

    public override IReadOnlyList<EarlyEnd> EarlyEnds =>
    [
        new("expired", ProviderBatchState.Ended, KeepsAnswers: true),
        new("cancelled", ProviderBatchState.Canceled, KeepsAnswers: true),
        new("failed", ProviderBatchState.Failed, KeepsAnswers: true),
    ];

    public override Fault? UnknownStatus => null;

    public override string Model => "grok-4.3";

    protected virtual XAIOptions Options => new() { MaxAppendEntries = EntriesPerCall };

    public override IBatchProvider Make(EmulatorServer emulator, TimeProvider time, string key)
    {
        ArgumentNullException.ThrowIfNull(emulator);
        var options = Options;
        (options.ApiKey, options.BaseUrl) = (key, emulator.XAIBaseUrl.ToString());
        return new XAIBatchProvider(options, time);
    }

    public override (IBatchProvider Provider, Journal State) MakeFor(HttpMessageHandler handler) =>
        (new XAIBatchProvider(new XAIOptions { ApiKey = "sk-test" }, handler: handler), Journal.Empty);

    /// <summary>The fixture holds a page in each line; the tokens are page-2, page-3 and so on.</summary>
    public override HttpContent? Answer(HttpRequestMessage request, byte[] results)
    {
        ArgumentNullException.ThrowIfNull(request);
        var token = HttpUtility.ParseQueryString(request.RequestUri!.Query)["pagination_token"];
        var pages = ResultFixture.Split(results);
        var index = token is null ? 0 : int.TryParse(token.Replace("page-", "", StringComparison.Ordinal), out var number) ? number - 1 : -1;
        return index >= 0 && index < pages.Count ? new ByteArrayContent(pages[index]) : null;
    }
}
