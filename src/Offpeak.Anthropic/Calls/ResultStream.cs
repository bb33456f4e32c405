using System.Runtime.CompilerServices;
using Offpeak.Anthropic.Results;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Calls;

/// <summary>Streams a batch's results, one JSON line for each request in any order.</summary>
internal sealed class ResultStream(ProviderHttp http, AnthropicOptions options)
{
    private readonly MessageResultReader reader = new(http.Errors);
    private readonly JsonlDownload download = new(http, options.MaxResultLineBytes);

    public async IAsyncEnumerable<ProviderResult> ReadAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Get, BatchPaths.Results(id));
        await foreach (var line in download.ReadAsync(request, "read the results", cancellationToken))
            yield return reader.Read(line);
    }
}
