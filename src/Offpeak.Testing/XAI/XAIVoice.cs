using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.XAI;

internal sealed class XAIVoice(EmulatorState state, XAIBatches batches) : IProviderVoice
{
    private const string Scheme = "Bearer ";

    /// <summary>A wrong key is answered with 400, a missing one with 401.</summary>
    public Reply? Refuse(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var key = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        if (key.Length == 0)
            return XAIRefusals.Reply(401, "No API key provided. Send it in the Authorization header.");
        return state.Options.ApiKey is { } expected && key != expected
            ? XAIRefusals.Reply(400, "Incorrect API key provided.")
            : null;
    }

    public Reply Error(int statusCode, string message, string? code = null) => XAIRefusals.Reply(statusCode, message, code);

    public void Sign(HttpContext context) => context.Response.Headers["x-request-id"] = Guid.NewGuid().ToString();

    public async ValueTask<FaultSubject?> SubjectAsync(HttpContext context)
    {
        var id = XAIBatchRoutes.IdOf(context);
        var batch = batches.All().FirstOrDefault(batch => batch.Id == id);
        return batch is null ? null : new FaultSubject(batch.Number, (await batch.ViewAsync(state.Time.GetUtcNow())).Status);
    }
}
