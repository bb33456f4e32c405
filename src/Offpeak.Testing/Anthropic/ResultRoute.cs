using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Anthropic;

/// <summary>Anthropic API reference: Message Batches, Results.</summary>
internal sealed class ResultRoute(EmulatorState state)
{
    public async Task<Reply> ReadAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["batchId"]!;
        var now = state.Time.GetUtcNow();
        if (state.Batches.Find(AnthropicRoutes.Provider, id) is not { } batch)
            return AnthropicRefusals.NoBatch(id);
        if (!batch.StateAt(now).Status.IsTerminal())
            return AnthropicRefusals.Reply(400, $"Batch {id} has no available results: it has not ended.");
        if (MessageBatchJson.IsArchived(batch, now))
            return AnthropicRefusals.Reply(404, $"The results of batch {id} are no longer available.");
        var view = await batch.ViewAsync(now);
        return view.Files.OutputFileId is { } name && state.Files.Find(name) is { } file
            ? new FileReply(state.Files.PathOf(file), $"{id}_results.jsonl", "application/x-jsonl")
            : new BytesReply(default, 200, "application/x-jsonl");
    }
}
