using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic API reference: Message Batches.</summary>
internal sealed class MessageBatchRoutes(EmulatorState state, AnthropicAnswerer answerer, EmulatedAnthropic settings)
{
    private readonly ResultComposer composer = state.ComposerOf(new MessageResultLines());

    private DateTimeOffset Now => state.Time.GetUtcNow();

    public async Task<Reply> CreateAsync(HttpContext context)
    {
        var path = state.Files.NewPath();
        var input = new MessageBatchBody(path, settings.MaxBatchBytes);
        await input.ReadAsync(context.Request.Body, context.RequestAborted);
        if (input.Refusal is { } refusal)
        {
            File.Delete(path);
            return refusal;
        }

        var batch = Make(path, input.Requests);
        state.Batches.Add(batch);
        return new JsonReply(MessageBatchJson.Running(batch, batch.StateAt(batch.CreatedAt)));
    }

    public async Task<Reply> GetAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return AnthropicRefusals.NoBatch(IdOf(context));
        var reply = new JsonReply(await RenderAsync(batch, context.Request));
        if (settings.PollAfter > TimeSpan.Zero && !batch.StateAt(Now).Status.IsTerminal())
            reply.Headers["Retry-After"] = ((long)settings.PollAfter.TotalSeconds).ToString();
        return reply;
    }

    public async Task<Reply> ListAsync(HttpContext context)
    {
        var page = MessageBatchList.Read(context.Request, state.Batches.Listed(AnthropicRoutes.Provider));
        if (page.Refusal is { } refusal)
            return refusal;
        var items = new List<JsonObject>();
        foreach (var batch in page.Items)
            items.Add(await RenderAsync(batch, context.Request));
        return page.Render(items);
    }

    public async Task<Reply> CancelAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return AnthropicRefusals.NoBatch(IdOf(context));
        return await batch.CancelAsync(Now)
            ? new JsonReply(await RenderAsync(batch, context.Request))
            : AnthropicRefusals.Reply(400, $"Batch {batch.Id} cannot be canceled: it has already ended.");
    }

    public async Task<Reply> DeleteAsync(HttpContext context)
    {
        if (Find(context) is not { } batch)
            return AnthropicRefusals.NoBatch(IdOf(context));
        if (!batch.StateAt(Now).Status.IsTerminal())
            return AnthropicRefusals.Reply(400, $"Batch {batch.Id} cannot be deleted while it is in progress; cancel it first.");
        if ((await batch.ViewAsync(Now)).Files.OutputFileId is { } file)
            state.Files.Delete(file);
        batch.DeletedAt = Now;
        return new JsonReply(new JsonObject { ["id"] = batch.Id, ["type"] = "message_batch_deleted" });
    }

    private BatchRecord Make(string path, int requests)
    {
        var order = new BatchOrder(AnthropicRoutes.Provider, state.Batches.NextNumber(), null, "", AnthropicAnswerer.Endpoint)
        {
            IdPrefix = "msgbatch_",
            Requests = requests,
            StatusName = MessageBatchJson.StatusName,
            Faults = state.Faults.TakeForBatch(),
        };
        var ending = order.FaultOf(FaultAction.EndBatch) is { } fault ? BatchEnding.From(fault) : null;
        var timeline = new BatchTimeline(WithoutValidation(state.Pace), Now) { Ending = ending };
        return new BatchRecord(order, timeline, Task.Run(() => new RequestsRun(state, answerer, order, path).Execute()), composer);
    }

    /// <summary>Nothing is looked at after the create call but the requests one by one, so the time for it is working time.</summary>
    private static BatchPace WithoutValidation(BatchPace pace) => pace with
    {
        Validating = TimeSpan.Zero,
        Running = pace.Validating + pace.Running,
    };

    // Before its end a batch shows nothing of what was done, so nobody has to wait for the answers.
    private async Task<JsonObject> RenderAsync(BatchRecord batch, HttpRequest request)
    {
        var now = Now;
        var shown = batch.StateAt(now);
        return shown.Status.IsTerminal()
            ? MessageBatchJson.Ended(await batch.ViewAsync(now), $"{request.Scheme}://{request.Host}", now)
            : MessageBatchJson.Running(batch, shown);
    }

    private BatchRecord? Find(HttpContext context) => state.Batches.Find(AnthropicRoutes.Provider, IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["batchId"]!;
}
