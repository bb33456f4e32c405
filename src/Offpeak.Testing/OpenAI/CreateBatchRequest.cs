using System.Text.Json;
using Offpeak.Testing.Compatible;

namespace Offpeak.Testing.OpenAI;

/// <summary>The body of a create call, checked as far as the API checks it before it has looked into the file.</summary>
internal sealed record CreateBatchRequest(
    string InputFileId, string Endpoint, string Window, IReadOnlyDictionary<string, string>? Metadata, TimeSpan? OutputExpiresAfter)
{
    private const int MostPairs = 16;
    private const int LongestKey = 64;
    private const int LongestValue = 512;

    private static readonly string[] Known = ["input_file_id", "endpoint", "completion_window", "metadata", "output_expires_after"];

    public static Reply? TryRead(JsonElement body, ServerFlavor flavor, out CreateBatchRequest? request)
    {
        request = null;
        if (body.ValueKind != JsonValueKind.Object)
            return OpenAIRefusals.Reply(400, "We could not parse the JSON body of your request.");
        if (Refuse(body, flavor) is { } refusal)
            return refusal;
        request = new CreateBatchRequest(
            body.GetProperty("input_file_id").GetString()!,
            body.GetProperty("endpoint").GetString()!,
            body.GetProperty("completion_window").GetString()!,
            ReadMetadata(body),
            OutputExpiry(body));
        return null;
    }

    private static Reply? Refuse(JsonElement body, ServerFlavor flavor) =>
        RefuseUnknown(body, flavor)
        ?? RefuseText(body, "input_file_id") ?? RefuseFileId(body)
        ?? RefuseText(body, "endpoint") ?? RefuseEndpoint(body, flavor)
        ?? RefuseText(body, "completion_window") ?? RefuseWindow(body, flavor)
        ?? RefuseMetadata(body)
        ?? RefuseExpiry(body);

    private static Reply? RefuseUnknown(JsonElement body, ServerFlavor flavor)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!Known.Contains(property.Name) || (!flavor.TakesMetadata && property.Name == "metadata"))
                return OpenAIRefusals.Reply(400, $"Unknown parameter: '{property.Name}'.", property.Name, "unknown_parameter");
        }

        return null;
    }

    private static Reply? RefuseText(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return OpenAIRefusals.Missing(name);
        return value.ValueKind == JsonValueKind.String
            ? null
            : OpenAIRefusals.Reply(400, $"Invalid type for '{name}': expected a string.", name, "invalid_type");
    }

    private static Reply? RefuseFileId(JsonElement body)
    {
        var id = body.GetProperty("input_file_id").GetString()!;
        return id.StartsWith("file-", StringComparison.Ordinal)
            ? null
            : OpenAIRefusals.Invalid("input_file_id", $"Invalid 'input_file_id': '{id}'. Expected an ID that begins with 'file-'.");
    }

    private static Reply? RefuseEndpoint(JsonElement body, ServerFlavor flavor)
    {
        var endpoint = body.GetProperty("endpoint").GetString()!;
        return flavor.Endpoints.Contains(endpoint)
            ? null
            : OpenAIRefusals.Invalid(
                "endpoint", $"Invalid value: '{endpoint}'. Supported values are: '{string.Join("', '", flavor.Endpoints)}'.");
    }

    private static Reply? RefuseWindow(JsonElement body, ServerFlavor flavor)
    {
        var window = body.GetProperty("completion_window").GetString();
        return flavor.Windows.Contains(window)
            ? null
            : OpenAIRefusals.Invalid("completion_window", $"Invalid value: '{window}'. Value must be '{string.Join("' or '", flavor.Windows)}'.");
    }

    private static Reply? RefuseMetadata(JsonElement body)
    {
        if (!body.TryGetProperty("metadata", out var metadata) || metadata.ValueKind == JsonValueKind.Null)
            return null;
        if (metadata.ValueKind != JsonValueKind.Object)
            return OpenAIRefusals.Reply(400, "Invalid type for 'metadata': expected an object.", "metadata", "invalid_type");
        var pairs = metadata.EnumerateObject().ToList();
        if (pairs.Count > MostPairs)
        {
            return OpenAIRefusals.Reply(
                400, $"Invalid 'metadata': too many properties. Expected at most {MostPairs}.", "metadata", "object_above_max_properties");
        }

        return pairs.Select(RefusePair).FirstOrDefault(refusal => refusal is not null);
    }

    private static Reply? RefusePair(JsonProperty pair)
    {
        var param = $"metadata.{pair.Name}";
        if (pair.Value.ValueKind != JsonValueKind.String)
            return OpenAIRefusals.Reply(400, $"Invalid type for '{param}': expected a string.", param, "invalid_type");
        return pair.Name.Length > LongestKey || pair.Value.GetString()!.Length > LongestValue
            ? OpenAIRefusals.Reply(
                400,
                $"Invalid '{param}': string too long. Keys hold at most {LongestKey}, values {LongestValue} characters.",
                param,
                "string_above_max_length")
            : null;
    }

    private static Reply? RefuseExpiry(JsonElement body)
    {
        const string param = "output_expires_after";
        if (!body.TryGetProperty(param, out var expiry) || expiry.ValueKind == JsonValueKind.Null)
            return null;
        return expiry.ValueKind == JsonValueKind.Object && expiry.TryGetProperty("seconds", out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var seconds) && ExpiryRange.Holds(seconds)
            ? null
            : OpenAIRefusals.Invalid(param, ExpiryRange.Message(param + ".seconds"));
    }

    private static Dictionary<string, string>? ReadMetadata(JsonElement body) =>
        body.TryGetProperty("metadata", out var metadata) ? metadata.Deserialize<Dictionary<string, string>>() : null;

    private static TimeSpan? OutputExpiry(JsonElement body) =>
        body.TryGetProperty("output_expires_after", out var expiry) && expiry.ValueKind == JsonValueKind.Object
            ? TimeSpan.FromSeconds(expiry.GetProperty("seconds").GetInt32())
            : null;
}
