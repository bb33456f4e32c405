using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>The body of a create call, checked as far as the envelope goes (Gemini API reference: models.batchGenerateContent).</summary>
internal sealed record CreateRequest(string DisplayName, string? FileName, JsonElement Requests)
{
    private static readonly string[] Known =
        ["displayName", "display_name", "inputConfig", "input_config", "priority", "webhookConfig", "webhook_config", "model", "name"];

    public static Reply? TryRead(JsonElement body, out CreateRequest? request)
    {
        request = null;
        var batch = ProtobufJson.At(body, "batch");
        if (batch.ValueKind != JsonValueKind.Object)
            return GeminiRefusals.Unreadable();
        foreach (var property in batch.EnumerateObject().Where(property => !Known.Contains(property.Name)))
            return GeminiRefusals.Reply(400, $"Invalid JSON payload received. Unknown name \"{property.Name}\" at 'batch': Cannot find field.");
        if (ProtobufJson.Text(batch, "displayName") is not { Length: > 0 } displayName)
            return GeminiRefusals.Reply(400, "* BatchGenerateContentRequest.batch.display_name: Required field is empty");
        var fileName = ProtobufJson.Text(batch, "inputConfig", "fileName");
        var requests = ProtobufJson.At(batch, "inputConfig", "requests", "requests");
        if (fileName is null == (requests.ValueKind == JsonValueKind.Undefined))
            return GeminiRefusals.Reply(400, "Exactly one of file_name and requests must be set in batch.input_config.");
        if (fileName is null && (requests.ValueKind != JsonValueKind.Array || requests.GetArrayLength() == 0))
            return GeminiRefusals.Reply(400, "* BatchGenerateContentRequest.batch.input_config.requests: must hold a request");
        request = new CreateRequest(displayName, fileName, requests);
        return null;
    }
}
