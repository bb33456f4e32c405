using System.Text.Json;
using System.Text.Json.Nodes;

namespace Offpeak.Testing.Compatible;

/// <summary>
/// One line of an input file (OpenAI API reference: the request input object). Some servers leave method and URL out of it, and take the model
/// from the batch.
/// </summary>
internal readonly record struct InputLine(string CustomId, string Url, string? Model, JsonElement Body)
{
    public static InputLine? Read(JsonElement line, int number, out LineProblem? problem, BatchOrder? bare = null)
    {
        problem = null;
        if (line.ValueKind != JsonValueKind.Object)
        {
            problem = InvalidJson(number);
            return null;
        }

        var customId = Text(line, "custom_id");
        var method = bare is null ? Text(line, "method") : "POST";
        var url = bare is null ? Text(line, "url") : bare.Endpoint;
        var hasBody = line.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object;
        var missing = customId is null ? "custom_id" : method is null ? "method" : url is null ? "url" : hasBody ? null : "body";
        if (missing is not null)
            problem = new LineProblem("missing_required_parameter", $"Missing required parameter: '{missing}'.", number, missing);
        else if (method != "POST")
            problem = new LineProblem("invalid_method", $"Invalid method '{method}'. Only POST is supported.", number, "method");
        if (problem is not null)
            return null;
        if (bare?.DefaultModel is { } model && Text(body, "model") is null)
            body = WithModel(body, model);
        return new InputLine(customId!, url!, Text(body, "model"), body);
    }

    private static JsonElement WithModel(JsonElement body, string model)
    {
        var copy = JsonObject.Create(body)!;
        copy["model"] = model;
        return JsonSerializer.SerializeToElement(copy);
    }

    public static LineProblem InvalidJson(int number) =>
        new("invalid_json_line", "This line is not parseable as valid JSON.", number);

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
