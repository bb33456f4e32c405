using System.Runtime.CompilerServices;
using Offpeak.OpenAI.Results;
using Offpeak.Providers;
using Offpeak.Providers.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>Streams a batch's output file and then its error file. Lines are numbered through both.</summary>
internal sealed class ResultFiles(ProviderHttp http, OpenAIOptions options)
{
    private readonly ResultReader reader = new(http.Errors);
    private readonly JsonlDownload download = new(http, options.MaxResultLineBytes);

    public async IAsyncEnumerable<ProviderResult> ReadAsync(
        ProviderState state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        foreach (var name in (string[])[StateNames.OutputFile, StateNames.ErrorFile])
        {
            if (state[name] is not { } id)
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
}
