using System.Runtime.CompilerServices;
using Offpeak.Gemini.Results;
using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>Streams a batch's results, which stand in a file or, where the requests came inline, in the batch itself.</summary>
internal sealed class ResultCalls(ProviderHttp http, GeminiOptions options, BatchDownload batches)
{
    private readonly GeminiResultReader reader = new(http.Errors);
    private readonly JsonlDownload download = new(http, options.MaxResultBytes);

    public async IAsyncEnumerable<ProviderResult> ReadAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = batch.Journal[GeminiJournalNames.OutputFile];
        if (file is null)
        {
            await using var reading = await batches.OpenAsync(batch.ProviderBatchId, keepItems: true, cancellationToken);
            while (await reading.MoveAsync(cancellationToken))
                yield return reader.ReadItem(reading.Parts);
            if (reading.IsTorn)
                yield return GeminiResultReader.Torn(reading.Parts.Count + 1);
            file = reading.Parts.Count == 0 ? OperationObject.Parse(reading.Parts.Envelope)?.OutputFile : null;
        }

        if (file is null)
            yield break;
        using var request = http.NewRequest(HttpMethod.Get, ApiPath.Download(file));
        await foreach (var line in download.ReadAsync(request, "download the results", cancellationToken))
            yield return reader.ReadLine(line);
    }
}
