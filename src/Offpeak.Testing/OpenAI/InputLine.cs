using System.Text.Json;

namespace Offpeak.Testing.OpenAI;

/// <summary>One line of an input file (OpenAI API reference: the request input object).</summary>
internal readonly record struct InputLine(string CustomId, string Url, string? Model, JsonElement Body)
{
    public static InputLine? Read(JsonElement line, int number, out LineProblem? problem)
    {
        problem = null;
        if (line.ValueKind != JsonValueKind.Object)
        {
            problem = InvalidJson(number);
            return null;
        }

        var customId = Text(line, "custom_id");
        var method = Text(line, "method");
        var url = Text(line, "url");
        var hasBody = line.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object;
        var missing = customId is null ? "custom_id" : method is null ? "method" : url is null ? "url" : hasBody ? null : "body";
        if (missing is not null)
            problem = new LineProblem("missing_required_parameter", $"Missing required parameter: '{missing}'.", number, missing);
        else if (method != "POST")
            problem = new LineProblem("invalid_method", $"Invalid method '{method}'. Only POST is supported.", number, "method");
        return problem is null ? new InputLine(customId!, url!, Text(body, "model"), body) : null;
    }

    public static LineProblem InvalidJson(int number) =>
        new("invalid_json_line", "This line is not parseable as valid JSON.", number);

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
