using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Gemini;

/// <summary>The key comes in a header or the query. A missing one is a 403 and a wrong one a 400.</summary>
internal sealed class GeminiVoice(EmulatorState state) : IProviderVoice
{
    public Reply? Refuse(HttpContext context)
    {
        var request = context.Request;
        // The address of an upload that was begun is a key of its own.
        if (request.Query.ContainsKey("upload_id"))
            return null;
        var key = request.Headers["x-goog-api-key"].ToString();
        key = key.Length > 0 ? key : request.Query["key"].ToString();
        if (key.Length == 0)
        {
            return GeminiRefusals.Reply(
                403, "Method doesn't allow unregistered callers (callers without established identity). Please use API Key.");
        }

        return state.Options.ApiKey is { } expected && key != expected
            ? GeminiRefusals.Reply(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
            : null;
    }

    public Reply Error(int statusCode, string message, string? code = null) =>
        GeminiRefusals.Reply(statusCode, message, code);

    public void Sign(HttpContext context) => context.Response.Headers["server-timing"] = "gfet4t7; dur=1";

    public async ValueTask<FaultSubject?> SubjectAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["batchId"] as string;
        var batch = state.Batches.All().FirstOrDefault(batch => batch.Id == id);
        if (batch is null)
            return null;
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        return new FaultSubject(batch.Order.Number, view.State.Status.Name());
    }
}
