using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Offpeak.Codec;
using Offpeak.Kit.Http;
using Offpeak.Kit.Json;
using Offpeak.Providers;

namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>A provider that is not ours, over the public kit: a file of entries, a batch that carries the key, results as lines.</summary>
public sealed class AcmeBatchProvider : IBatchProvider
{
    private const string FileName = "file";

    private static readonly EntryFormat Lines = new()
    {
        Open = [.. "{\"id\":\""u8],
        Middle = [.. "\",\"request\":"u8],
        Close = [.. "}\n"u8],
        ContentType = "application/jsonl",
    };

    private readonly AcmeOptions options;
    private readonly ProviderHttp http;

    public AcmeBatchProvider(AcmeOptions options, TimeProvider? time)
    {
        this.options = options;
        var settings = ProviderHttpSettings.Of(
            options, "ACME_API_KEY", (request, key) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key));
        http = new ProviderHttp(settings, time ?? TimeProvider.System, options.Handler);
    }

    public string Name => options.Name;

    public ProviderCapabilities Capabilities { get; } = new() { MaxEntries = 1_000, MaxAge = TimeSpan.FromHours(30), TakesOpenAIBodies = false };

    public IEntryCodec Codec { get; } = new AcmeCodec();

    public string? KeyFingerprint => Kit.Http.KeyFingerprint.Of(options.ApiKey);

    public async Task<ProviderReceipt> SubmitAsync(Submission submission, CancellationToken cancellationToken)
    {
        var file = submission.Journal[FileName] ?? await UploadAsync(submission, cancellationToken);
        await submission.BeginCreateAsync(cancellationToken);
        var order = new JsonObject { ["file"] = file, ["key"] = submission.Key.Value };
        using var request = http.NewRequest(HttpMethod.Post, "batches", new StringContent(order.ToJsonString(), Encoding.UTF8, "application/json"));
        var reply = await http.CreateAsync(request, options.CreateTimeout, cancellationToken);
        return new ProviderReceipt(Text(reply, "id") ?? throw http.Errors.Unclear("gave no id"), new ProviderStatus(Text(reply, "status")), reply.RetryAfter);
    }

    public async Task<FindResult> FindAsync(FindRequest request, CancellationToken cancellationToken)
    {
        var reply = await GetAsync($"batches?key={request.Key}", "look for the batch", cancellationToken);
        return LoadedJson.Read(reply.Body, FoundIn) ?? FindResult.Unknown;
    }

    public async Task<ProviderSnapshot> GetStatusAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var reply = await GetAsync($"batches/{batch.ProviderBatchId}", "read the batch", cancellationToken);
        var status = Text(reply, "status");
        return new ProviderSnapshot
        {
            State = status switch
            {
                "done" => ProviderBatchState.Ended,
                "stopped" => ProviderBatchState.Canceled,
                _ => ProviderBatchState.Running,
            },
            Status = new ProviderStatus(status),
            StatusIsUnknown = status is not ("queued" or "done" or "stopped"),
            RetryAfter = reply.RetryAfter,
        };
    }

    public async IAsyncEnumerable<ProviderResult> ReadResultsAsync(
        ProviderBatchRef batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(HttpMethod.Get, $"batches/{batch.ProviderBatchId}/results");
        var lines = new JsonlDownload(http, maxLineBytes: 1_000_000);
        await foreach (var line in lines.ReadAsync(request, "read the results", cancellationToken))
            yield return LoadedJson.Read(line.Bytes, json => ResultIn(json, line.Number)) ?? MalformedLine.Of(line, line.Number);
    }

    public async Task CancelAsync(ProviderBatchRef batch, CancellationToken cancellationToken)
    {
        var reply = await http.CallAsync(HttpMethod.Post, $"batches/{batch.ProviderBatchId}/stop", "stop the batch", cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, "stop the batch", namesAnObject: true);
    }

    public Task CleanUpAsync(ProviderBatchRef batch, CancellationToken cancellationToken) =>
        http.DeleteAllAsync([$"files/{batch.Journal[FileName]}"], "delete the file", isGone: null, cancellationToken);

    private async Task<string> UploadAsync(Submission submission, CancellationToken cancellationToken)
    {
        using var limit = http.NewTransferLimit(cancellationToken);
        using var request = http.NewRequest(HttpMethod.Post, "files", new EntryContent(submission, Lines, limit.Renew));
        var reply = await http.CallAsync(request, limit, "upload the file", cancellationToken);
        var id = reply.IsSuccess ? Text(reply, "id") : null;
        if (id is null)
            throw http.Errors.FromReply(reply, "upload the file", namesAnObject: false);

        await submission.JournalAsync(FileName, id, cancellationToken);
        return id;
    }

    private async Task<WireReply> GetAsync(string path, string action, CancellationToken cancellationToken)
    {
        var reply = await http.CallAsync(HttpMethod.Get, path, action, cancellationToken);
        return reply.IsSuccess ? reply : throw http.Errors.FromReply(reply, action, namesAnObject: true);
    }

    private static string? Text(WireReply reply, string name) => LoadedJson.Read(reply.Body, json => json.Text(name));

    private static FindResult? FoundIn(JsonElement json)
    {
        var ids = json.Child("ids")?.EnumerateArray().Select(id => id.GetString()!).ToList();
        return ids is null ? null : ids.Count == 0 ? FindResult.Absent : FindResult.Found(ids);
    }

    private static ProviderResult? ResultIn(JsonElement json, long line)
    {
        var result = new ProviderResult { Kind = ProviderResultKind.Succeeded, WireId = json.Text("id"), Line = line };
        if (json.Child("answer") is { } answer)
        {
            return result with
            {
                Body = Encoding.UTF8.GetBytes(answer.GetRawText()),
                Usage = new TokenUsage(json.WholeNumber("in") ?? 0, 0, json.WholeNumber("out") ?? 0),
                FinishReason = FinishReasons.Stop,
            };
        }

        return json.Child("error") is not { } error ? null : result with
        {
            Kind = ProviderResultKind.Failed,
            ErrorCode = error.Text("code"),
            ErrorMessage = error.Text("message"),
            IsPassing = error.Text("code") == "busy",
        };
    }
}
