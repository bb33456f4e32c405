using System.Text.Json;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.XAI;

/// <summary>Reads requests out of a call that adds them, or out of a file.</summary>
internal static class XAIRequestReader
{
    public const string Chat = "chat_get_completion";
    public const string Responses = "responses";

    /// <summary>
    /// The requests of a call; or what is wrong with it. Each is parsed alone: a document of the whole would keep buffers of its size in a
    /// pool of each thread.
    /// </summary>
    public static (List<XAIRequest> Requests, string? Problem) FromCall(ReadOnlySpan<byte> body)
    {
        var requests = new List<XAIRequest>();
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!FindList(ref reader))
                return (requests, "batch_requests is required.");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (Read(JsonElement.ParseValue(ref reader)) is not { } request)
                    return (requests, $"Request {requests.Count + 1} has no known kind, or no model.");
                requests.Add(request);
            }

            while (reader.Read())
                continue;
        }
        catch (JsonException)
        {
            return (requests, "The body is not JSON.");
        }

        return requests.Count == 0 ? (requests, "batch_requests is empty.") : (requests, null);
    }

    private static bool FindList(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isList = reader.ValueTextEquals("batch_requests"u8);
            reader.Read();
            if (isList)
                return reader.TokenType == JsonTokenType.StartArray;
            reader.Skip();
        }

        return false;
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
