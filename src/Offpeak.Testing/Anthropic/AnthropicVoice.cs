using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Anthropic;

internal sealed class AnthropicVoice(EmulatorState state) : IProviderVoice
{
    private const string Scheme = "Bearer ";

    public Reply? Refuse(HttpContext context)
    {
        var key = KeyOf(context.Request);
        if (key.Length == 0)
            return AnthropicRefusals.Reply(401, "x-api-key header is required");
        if (state.Options.ApiKey is { } expected && key != expected)
            return AnthropicRefusals.Reply(401, "invalid x-api-key");
        return context.Request.Headers["anthropic-version"].Count == 0
            ? AnthropicRefusals.Reply(400, "anthropic-version: header is required")
            : null;
    }

    public Reply Error(int statusCode, string message, string? code = null) => AnthropicRefusals.Reply(statusCode, message, code);

    public void Sign(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["request-id"] = $"req_{Guid.NewGuid():N}";
        headers["anthropic-organization-id"] = "00000000-0000-4000-8000-000000000000";
    }

    public ValueTask<FaultSubject?> SubjectAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["batchId"] as string;
        var batch = state.Batches.All().FirstOrDefault(batch => batch.Id == id);
        return new(batch is null
            ? null
            : new FaultSubject(batch.Order.Number, batch.Order.StatusName(batch.StateAt(state.Time.GetUtcNow()).Status)));
    }

    // The official clients send the key in one of these, by version and by kind of key.
    private static string KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : request.Headers["x-api-key"].ToString();
    }
}
