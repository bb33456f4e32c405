using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Offpeak.Testing.Compatible;
using Offpeak.Testing.OpenAI;

namespace Offpeak.Testing.Dialects;

/// <summary>Mistral API reference: Batch.</summary>
internal sealed class MistralRoutes(EmulatorState state, OpenAIAnswerer answerer)
{
    private const string Provider = "mistral";
    private const string Root = "/mistral/v1";

    private static readonly string[] Known = ["endpoint", "model", "input_files", "metadata", "timeout_hours", "agent_id"];

    private readonly BatchFactory factory = new(state, answerer, Provider);

    public static void Map(WebApplication app, EmulatorState state)
    {
        var pipeline = new ExchangePipeline(state, new OpenAIVoice(state));
        var answerer = new OpenAIAnswerer(state);
        var jobs = new MistralRoutes(state, answerer);
        CompatibleRoutes.MapFiles(app.MapGroup(Root + "/files"), pipeline, new OpenAIFileRoutes(state));
        CompatibleRoutes.MapGenerate(app, pipeline, answerer, Root);
        var group = app.MapGroup(Root + "/batch/jobs");
        group.MapPost("", pipeline.Run(EmulatorOperation.CreateBatch, jobs.CreateAsync));
        group.MapGet("", pipeline.Run(EmulatorOperation.ListBatches, jobs.ListAsync));
        group.MapGet("{batchId}", pipeline.Run(EmulatorOperation.GetBatch, jobs.GetAsync));
        group.MapDelete("{batchId}", pipeline.Run(EmulatorOperation.DeleteBatch, context => Task.FromResult(jobs.Delete(context))));
        group.MapPost("{batchId}/cancel", pipeline.Run(EmulatorOperation.CancelBatch, jobs.CancelAsync));
    }

    private async Task<Reply> CreateAsync(HttpContext context)
    {
        if (await RequestJson.ReadAsync(context.Request) is not { ValueKind: JsonValueKind.Object } body)
            return Refuse("The body is not a JSON object.");
        if (body.EnumerateObject().FirstOrDefault(field => !Known.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } extra)
            return Refuse($"Extra inputs are not permitted: {extra.Name}.");
        if (Text(body, "endpoint") is not { } endpoint || !OpenAIEndpoints.All.Contains(endpoint))
            return Refuse("endpoint is missing or not known.");
        if (Text(body, "model") is not { } model)
            return Refuse("model is required.");
        if (!body.TryGetProperty("input_files", out var files) || files.ValueKind != JsonValueKind.Array || files.GetArrayLength() != 1)
            return Refuse("input_files must hold one file here.");
        var fileId = files[0].ToString();
        var batch = await factory.MakeAsync((number, faults) => new BatchOrder(Provider, number, state.Files.Find(fileId), fileId, endpoint)
        {
            Metadata = body.TryGetProperty("metadata", out var metadata) ? metadata.Deserialize<Dictionary<string, string>>() : null,
            HasBareLines = true,
            DefaultModel = model,
            Faults = faults,
        });
        return await RenderAsync(batch, inline: false);
    }

    private async Task<Reply> GetAsync(HttpContext context) =>
        Find(context) is { } batch ? await RenderAsync(batch, context.Request.Query["inline"] == "true") : OpenAIRefusals.NoBatch(IdOf(context));

    private async Task<Reply> ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var page = Number(query["page"].ToString(), 0);
        var size = Number(query["page_size"].ToString(), 100);
        var all = state.Batches.Listed(Provider);
        var data = new JsonArray();
        foreach (var batch in all.Skip(page * size).Take(size))
            data.Add(MistralJob.Render(await batch.ViewAsync(state.Time.GetUtcNow())));
        return new JsonReply(new JsonObject { ["object"] = "list", ["data"] = data, ["total"] = all.Count });
    }

    private async Task<Reply> CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return OpenAIRefusals.NoBatch(IdOf(context));
        return await batch.CancelAsync(state.Time.GetUtcNow()) ? await RenderAsync(batch, inline: false) : Refuse("The job has already ended.", 400);
    }

    private Reply Delete(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return OpenAIRefusals.NoBatch(IdOf(context));
        batch.DeletedAt = state.Time.GetUtcNow();
        return new JsonReply(new JsonObject { ["id"] = batch.Id, ["object"] = "batch", ["deleted"] = true });
    }

    private async Task<Reply> RenderAsync(BatchRecord batch, bool inline)
    {
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        var json = MistralJob.Render(view);
        if (inline && view.State.Status.IsTerminal())
            json["outputs"] = ResultList.Read(state, view);
        return new JsonReply(json);
    }

    private BatchRecord? Find(HttpContext context) => state.Batches.Find(Provider, IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["batchId"]!;

    private static int Number(string text, int fallback) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonReply Refuse(string message, int statusCode = 422) => new(new JsonObject { ["detail"] = message, ["message"] = message }, statusCode);
}
