using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Offpeak.Testing.Compatible;
using Offpeak.Testing.OpenAI;

namespace Offpeak.Testing.Dialects;

/// <summary>OpenRouter API reference: Batch.</summary>
internal sealed class OpenRouterRoutes(EmulatorState state, OpenAIAnswerer answerer)
{
    private const string Provider = "openrouter";
    private const string Root = "/openrouter/api/v1";
    private const int MostRequests = 5_000;

    private readonly BatchFactory factory = new(state, answerer, Provider);

    public static void Map(WebApplication app, EmulatorState state)
    {
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state));
        var answerer = new OpenAIAnswerer(state, WriteCost);
        var batches = new OpenRouterRoutes(state, answerer);
        CompatibleRoutes.MapGenerate(app, pipeline, answerer, Root);
        var group = app.MapGroup(Root + "/batches");
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, batches.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, batches.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, batches.GetAsync));
        group.MapDelete("{batchId}", pipeline.Run(EmulatorOperation.DeleteBatch, batches.DeleteAsync));
    }

    private async Task<Reply> CreateAsync(HttpContext context)
    {
        if (await RequestJson.ReadAsync(context.Request) is not { ValueKind: JsonValueKind.Object } body)
            return OpenAIRefusals.Reply(400, "The body is not a JSON object.");
        var names = body.EnumerateObject().Select(field => field.Name).TakeWhile(name => name != "requests").ToList();
        if (!names.Contains("endpoint") || !names.Contains("model"))
            return OpenAIRefusals.Reply(400, "`endpoint` and `model` are required and must appear before `requests` in the request body");
        if (!body.TryGetProperty("requests", out var requests) || requests.ValueKind != JsonValueKind.Array
            || requests.GetArrayLength() is 0 or > MostRequests)
            return OpenAIRefusals.Reply(400, $"`requests` must hold from 1 to {MostRequests} requests.");
        var (endpoint, model) = (body.GetProperty("endpoint").ToString(), body.GetProperty("model").ToString());
        if (!OpenAIEndpoints.Answered.Contains(endpoint))
            return OpenAIRefusals.Reply(400, $"The endpoint {endpoint} cannot be batched.");
        var input = await SaveAsync(requests);
        var batch = await factory.MakeAsync((number, faults) => new BatchOrder(Provider, number, input, input.Id, endpoint)
        {
            HasBareLines = true,
            DefaultModel = model,
            Faults = faults,
        });
        return new JsonReply(await RenderAsync(batch, withResults: false), 202);
    }

    private async Task<Reply> GetAsync(HttpContext context) =>
        Find(context) is { } batch ? new JsonReply(await RenderAsync(batch, withResults: true)) : OpenAIRefusals.NoBatch(IdOf(context));

    private async Task<Reply> ListAsync(HttpContext context)
    {
        if (OpenAIList.Limit(context.Request, 20, 100) is not { } limit)
            return OpenAIList.InvalidLimit(100);
        if (OpenAIList.After(context.Request, state.Batches.Listed(Provider), batch => batch.Id) is not { } rest)
            return OpenAIList.InvalidAfter(context.Request);
        var page = new List<JsonObject>();
        foreach (var batch in rest.Take(limit))
            page.Add(await RenderAsync(batch, withResults: false));
        return OpenAIList.Render(page, rest.Count > limit, ListWrapper.Data);
    }

    private async Task<Reply> DeleteAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return OpenAIRefusals.NoBatch(IdOf(context));
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        if (!view.State.Status.IsTerminal())
            return OpenAIRefusals.Reply(409, "The batch is still in progress.");
        batch.DeletedAt = state.Time.GetUtcNow();
        foreach (var id in (string?[])[batch.Order.InputFileId, view.Files.OutputFileId, view.Files.ErrorFileId])
            state.Files.Delete(id ?? "");
        return new JsonReply(new JsonObject { ["id"] = batch.Id, ["deleted"] = true });
    }

    private async Task<EmulatedFile> SaveAsync(JsonElement requests)
    {
        var path = state.Files.NewPath();
        await using (var file = new StreamWriter(path))
        {
            foreach (var request in requests.EnumerateArray())
                await file.WriteAsync(JsonSerializer.Serialize(request) + "\n");
        }

        return state.Files.Adopt(path, "inline.jsonl", "batch", state.Time.GetUtcNow());
    }

    private async Task<JsonObject> RenderAsync(BatchRecord batch, bool withResults)
    {
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        var isTerminal = view.State.Status.IsTerminal();
        return new JsonObject
        {
            ["id"] = batch.Id,
            ["object"] = "batch",
            ["endpoint"] = batch.Order.Endpoint,
            ["model"] = batch.Order.DefaultModel,
            ["completion_window"] = "24h",
            ["status"] = view.State.Status.Name(),
            ["created_at"] = batch.CreatedAt.ToUnixTimeSeconds(),
            ["finalized_at"] = view.State.EndedAt?.ToUnixTimeSeconds(),
            ["request_counts"] = new JsonObject { ["total"] = view.Total, ["completed"] = view.Completed, ["failed"] = view.Failed },
            ["usage"] = isTerminal ? Usage(view.Usage) : null,
            ["results"] = isTerminal && withResults ? ResultList.Read(state, view) : null,
            ["error"] = view.Problems.Count > 0 ? new JsonObject { ["message"] = view.Problems[0].Message } : null,
        };
    }

    private static JsonObject Usage(TokenCounts usage) => new()
    {
        ["prompt_tokens"] = usage.Input,
        ["completion_tokens"] = usage.Output,
        ["total_tokens"] = usage.Total,
        ["cost"] = CostOf(usage),
        ["is_byok"] = false,
    };

    /// <summary>A made-up price: 1 dollar for a million input tokens, 4 for a million output tokens.</summary>
    private static decimal CostOf(TokenCounts usage) => (usage.Input + (usage.Output * 4)) / 1_000_000m;

    private static void WriteCost(Utf8JsonWriter writer, TokenCounts usage) => writer.WriteNumber("cost", CostOf(usage));

    private BatchRecord? Find(HttpContext context) => state.Batches.Find(Provider, IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["batchId"]!;
}
