using Microsoft.AspNetCore.Http;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

internal sealed class OpenAIVoice(EmulatorState state, ServerFlavor? flavor = null) : IProviderVoice
{
    private const string Scheme = "Bearer ";

    public Reply? Refuse(HttpContext context)
    {
        if (flavor?.RequiredQuery is { } name && context.Request.Query[name].ToString().Length == 0)
            return OpenAIRefusals.Reply(404, "Resource not found", null, "404");
        var key = flavor?.KeyHeader is { } header ? context.Request.Headers[header].ToString() : KeyOf(context.Request);
        if (key.Length == 0)
        {
            return OpenAIRefusals.Reply(
                401,
                "You didn't provide an API key. Send it in an Authorization header using Bearer auth (Authorization: Bearer YOUR_KEY).");
        }

        return state.Options.ApiKey is { } expected && key != expected
            ? OpenAIRefusals.Reply(401, "Incorrect API key provided.", null, "invalid_api_key")
            : null;
    }

    public Reply Error(int statusCode, string message, string? code = null) => OpenAIRefusals.Reply(statusCode, message, null, code);

    public void Sign(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["x-request-id"] = $"req_{Guid.NewGuid():N}";
        headers["openai-processing-ms"] = "1";
        headers["openai-version"] = "2020-10-01";
        headers["openai-organization"] = "org-emulator";
    }

    public async ValueTask<FaultSubject?> SubjectAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["batchId"] as string;
        var batch = state.Batches.All().FirstOrDefault(batch => batch.Id == id);
        if (batch is null)
            return null;
        var view = await batch.ViewAsync(state.Time.GetUtcNow());
        return new FaultSubject(batch.Order.Number, view.State.Status.Name());
    }

    // Azure OpenAI takes the key in a header of its own.
    private static string KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : request.Headers["api-key"].ToString();
    }
}
