using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>xAI API reference: Batches.</summary>
internal sealed class XAIBatchRoutes(
    EmulatorState state, OpenAIAnswerer answerer, XAIBatches batches, DuplicateRequests duplicates)
{
    private const long MostAppendBytes = 25_000_000;

    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<XAIBatch, XAISpool> spools = [];

    private DateTimeOffset Now => state.Time.GetUtcNow();

    public static string IdOf(HttpContext context) => context.Request.RouteValues["batchId"] as string ?? "";

    public async Task<Reply> CreateAsync(HttpContext context)
    {
        var body = await RequestJson.ReadAsync(context.Request);
        if (body.ValueKind != JsonValueKind.Object)
            return XAIRefusals.Reply(400, "The body is not a JSON object.");
        var fileId = Text(body, "input_file_id");
        var file = fileId is null ? null : state.Files.Find(fileId);
        if (fileId is not null && file is null)
            return XAIRefusals.Reply(404, $"File {fileId} was not found.");
        var batch = new XAIBatch(state, Text(body, "name"), file, fileId);
        spools.Add(batch, new XAISpool(answerer, batch));
        if (file is not null)
            batch.BeginReading(() => ReadFile(batch, state.Files.PathOf(file)));
        batches.Add(batch);
        return await RenderAsync(batch);
    }

    public Task<Reply> GetAsync(HttpContext context) => WithBatchAsync(context, RenderAsync);

    public async Task<Reply> ListAsync(HttpContext context)
    {
        var all = batches.Listed();
        if (XAIPage.Of(context.Request, all.Count) is not { } page)
            return XAIPage.Refuse();
        var items = new JsonArray();
        foreach (var batch in all.Skip(page.Start).Take(page.Count))
            items.Add(XAIBatchJson.Render(await batch.ViewAsync(Now)));
        return new JsonReply(new JsonObject { ["batches"] = items, ["pagination_token"] = page.NextToken });
    }

    public Task<Reply> CancelAsync(HttpContext context) => WithBatchAsync(context, async batch =>
    {
        await batch.CancelAsync(Now);
        return await RenderAsync(batch);
    });

    public Task<Reply> AppendAsync(HttpContext context) => WithBatchAsync(context, async batch =>
    {
        if (context.Request.ContentLength > MostAppendBytes)
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            return XAIRefusals.Reply(413, $"The request is larger than {MostAppendBytes} bytes.");
        }

        var body = await RequestJson.ReadBytesAsync(context.Request);
        var view = await batch.ViewAsync(Now);
        if (batch.InputFileId is not null || view.Status is "failed" or "cancelled" or "cancelling")
            return XAIRefusals.Reply(400, $"Requests cannot be added to a batch that is {view.Status} or made of a file.");
        var (requests, problem) = XAIRequestReader.FromCall(body.Span);
        return problem is null ? Append(batch, requests) : XAIRefusals.Reply(400, problem);
    });

    public Task<Reply> ListRequestsAsync(HttpContext context) => WithBatchAsync(context, async batch =>
    {
        var view = await batch.ViewAsync(Now);
        if (XAIPage.Of(context.Request, view.Entries.Count) is not { } page)
            return XAIPage.Refuse();
        var items = Enumerable.Range(page.Start, page.Count).Select(i => XAIBatchJson.RenderRequest(view.Entries[i], view.Fates[i]));
        return new JsonReply(new JsonObject { ["batch_request_metadata"] = new JsonArray([.. items]), ["pagination_token"] = page.NextToken });
    });

    public Task<Reply> ListResultsAsync(HttpContext context) => WithBatchAsync(context, async batch =>
    {
        var view = await batch.ViewAsync(Now);
        var items = XAIItems.Of(view, state.Options);
        if (XAIPage.Of(context.Request, items.Count) is not { } page)
            return XAIPage.Refuse();
        var path = state.Files.NewPath();
        using var bytes = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 256 * 1024);
        using var spool = new FileStream(batch.SpoolPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        bytes.Write("{\"results\":["u8);
        for (var i = 0; i < page.Count; i++)
        {
            bytes.Write(i == 0 ? ""u8 : ", "u8);
            bytes.Write(XAIItems.Render(view, spool, items[page.Start + i]));
        }

        bytes.Write("],\"pagination_token\":"u8);
        bytes.Write(page.NextToken is { } token ? JsonSerializer.SerializeToUtf8Bytes(token) : "null"u8);
        bytes.Write("}"u8);
        return new PassingFileReply(path);
    });

    private Reply Append(XAIBatch batch, List<XAIRequest> requests)
    {
        if (duplicates == DuplicateRequests.Refuse && requests.Find(request => batch.Holds(request.Id)) is { Id: { } twice })
            return XAIRefusals.Reply(400, $"Duplicate batch_request_id: {twice}");
        if (duplicates == DuplicateRequests.Ignore)
            requests.RemoveAll(request => batch.Holds(request.Id));
        spools.TryGetValue(batch, out var spool);
        batch.Add([.. requests.Select(request => spool!.Add(request, Now))]);
        return new BytesReply("null"u8.ToArray(), 200);
    }

    private string? ReadFile(XAIBatch batch, string path)
    {
        var number = 0;
        var entries = new List<XAIEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        spools.TryGetValue(batch, out var spool);
        foreach (var bytes in JsonLines.Read(path))
        {
            number++;
            try
            {
                using var json = JsonDocument.Parse(bytes);
                if (XAIRequestReader.FromLine(json.RootElement, number, out var problem) is not { } request)
                    return problem;
                if (!seen.Add(request.Id))
                    return $"JSONL file validation failed: line {number}: the custom_id is used twice.";
                entries.Add(spool!.Add(request, batch.CreatedAt));
            }
            catch (JsonException)
            {
                return $"JSONL file validation failed: line {number} is not JSON.";
            }
        }

        batch.Add(entries);
        return entries.Count == 0 ? "JSONL file validation failed: the file is empty." : null;
    }

    private async Task<Reply> WithBatchAsync(HttpContext context, Func<XAIBatch, Task<Reply>> work) =>
        batches.Find(IdOf(context)) is { } batch ? await work(batch) : XAIRefusals.NoBatch(IdOf(context));

    private async Task<Reply> RenderAsync(XAIBatch batch) => new JsonReply(XAIBatchJson.Render(await batch.ViewAsync(Now)));

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
