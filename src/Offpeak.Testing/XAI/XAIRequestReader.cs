using System.Text.Json;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>Reads requests out of a call that adds them, or out of a file.</summary>
internal static class XAIRequestReader
{
    public const string Chat = "chat_get_completion";
    public const string Responses = "responses";

    /// <summary>The requests of a call; or what is wrong with it.</summary>
    public static (List<XAIRequest> Requests, string? Problem) FromCall(JsonElement body)
    {
        var requests = new List<XAIRequest>();
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("batch_requests", out var list) || list.ValueKind != JsonValueKind.Array)
            return (requests, "batch_requests is required.");
        foreach (var item in list.EnumerateArray())
        {
            if (Read(item) is not { } request)
                return (requests, $"Request {requests.Count + 1} has no known kind, or no model.");
            requests.Add(request);
        }

        return requests.Count == 0 ? (requests, "batch_requests is empty.") : (requests, null);
    }

    /// <summary>The request of a line; or what is wrong with it.</summary>
    public static XAIRequest? FromLine(JsonElement json, int number, out string? problem)
    {
        var line = InputLine.Read(json, number, out var found);
        problem = found is null ? null : $"JSONL file validation failed: line {number}: {found.Message}";
        if (line is not { } read)
            return null;
        var kind = read.Url switch { OpenAIEndpoints.Chat => Chat, OpenAIEndpoints.Responses => Responses, _ => null };
        if (kind is not null && read.Model is not null)
            return new XAIRequest(read.CustomId, kind, read.Model, read.Body);
        problem = $"JSONL file validation failed: line {number}: the url or the model is not supported for batch processing.";
        return null;
    }

    private static XAIRequest? Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("batch_request", out var wrapper) || wrapper.ValueKind != JsonValueKind.Object)
            return null;
        var id = item.TryGetProperty("batch_request_id", out var given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()!
            : Guid.NewGuid().ToString();
        foreach (var kind in (string[])[Chat, Responses])
        {
            if (wrapper.TryGetProperty(kind, out var body) && body.ValueKind == JsonValueKind.Object
                && body.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String)
                return new XAIRequest(id, kind, model.GetString()!, body);
        }

        return null;
    }
}

/// <summary>A request as it came.</summary>
internal readonly record struct XAIRequest(string Id, string Kind, string Model, JsonElement Body)
{
    public string Url => Kind == XAIRequestReader.Chat ? OpenAIEndpoints.Chat : OpenAIEndpoints.Responses;
}
