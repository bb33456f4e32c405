using System.Runtime.CompilerServices;
using Offpeak.Jsonl;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Results;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>
/// Streams a batch's output file and then its error file, or the list in the batch itself. Lines are numbered through all of them.
/// </summary>
internal sealed class BatchResults(ProviderHttp http, Dialect dialect)
{
    private readonly OpenAIResultReader reader = new(http.Errors);
    private readonly JsonlDownload download = new(http, dialect.Options.MaxResultLineBytes);

    public IAsyncEnumerable<ProviderResult> ReadAsync(string batchId, Journal journal, CancellationToken cancellationToken)
    {
        var hasFiles = journal[OpenAIJournalNames.OutputFile] is not null || journal[OpenAIJournalNames.ErrorFile] is not null;
        return hasFiles || dialect.Profile.InlineResults is not { } list
            ? ReadFilesAsync(journal, cancellationToken)
            : ReadListAsync(batchId, list, cancellationToken);
    }

    private async IAsyncEnumerable<ProviderResult> ReadFilesAsync(
        Journal journal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        foreach (var name in (string[])[OpenAIJournalNames.OutputFile, OpenAIJournalNames.ErrorFile])
        {
            if (journal[name] is not { } id)
                continue;
            var before = number;
            using var request = http.NewRequest(HttpMethod.Get, $"files/{Uri.EscapeDataString(id)}/content");
            await foreach (var line in download.ReadAsync(request, "download a result file", cancellationToken))
            {
                number = before + line.Number;
                yield return reader.Read(line, number);
            }
        }
    }

    private async IAsyncEnumerable<ProviderResult> ReadListAsync(
        string batchId, string list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        var items = new ItemDownload(http, list, dialect.Options.MaxResultLineBytes);
        await foreach (var item in items.ReadAsync(dialect.ResultsPathOf(batchId), "read the results", cancellationToken))
            yield return reader.Read(new JsonlLine(++number, item, Terminated: true, Problem: null), number);
    }
}
