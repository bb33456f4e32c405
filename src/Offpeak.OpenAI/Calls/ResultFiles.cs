using System.Runtime.CompilerServices;
using Offpeak.Jsonl;
using Offpeak.OpenAI.Http;
using Offpeak.OpenAI.Results;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>Streams a batch's output file and then its error file. Lines are numbered through both.</summary>
internal sealed class ResultFiles(OpenAIHttp http, OpenAIOptions options)
{
    private const string Action = "download a result file";

    private readonly ResultReader reader = new(http.Errors);
    private readonly JsonlReaderOptions readerOptions = new() { MaxLineBytes = options.MaxResultLineBytes };

    public async IAsyncEnumerable<ProviderResult> ReadAsync(
        ProviderState state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0L;
        foreach (var name in (string[])[StateNames.OutputFile, StateNames.ErrorFile])
        {
            if (state[name] is not { } id)
                continue;
            var before = number;
            await foreach (var line in DownloadAsync(id, cancellationToken))
            {
                number = before + line.Number;
                yield return reader.Read(line, number);
            }
        }
    }

    private async IAsyncEnumerable<JsonlLine> DownloadAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limit = http.NewLimit(options.TransferIdleTimeout, cancellationToken);
        using var request = http.NewRequest(HttpMethod.Get, $"files/{Uri.EscapeDataString(id)}/content");
        using var response = await OpenAsync(request, limit, cancellationToken);
        await using var stream = new IdleStream(await response.Content.ReadAsStreamAsync(cancellationToken), limit);
        await using var lines = JsonlReader.ReadAsync(stream, readerOptions, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(lines, cancellationToken))
            yield return lines.Current;
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, IdleLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            var response = await http.OpenAsync(request, limit, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw http.Errors.FromReply(await http.ReadReplyAsync(response, limit.Token), Action, namesAnObject: true);
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw http.Errors.FromNetwork(cause, Action);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<JsonlLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.MoveNextAsync();
        }
        catch (Exception cause) when (IsBroken(cause, cancellationToken))
        {
            throw http.Errors.FromNetwork(cause is OperationCanceledException ? new TimeoutException("The download fell silent.", cause) : cause, Action);
        }
    }

    private static bool IsBroken(Exception cause, CancellationToken cancellationToken) =>
        cause is HttpRequestException or IOException or TimeoutException
        || (cause is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
