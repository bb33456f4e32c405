using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>What the model says: a text, or a call of one of the declared functions when the request demands one.</summary>
/// <param name="Text">The text, or the arguments of the call as JSON.</param>
/// <param name="Function">Name of the function; null for a text.</param>
internal sealed record GeminiOutput(string Text, string? Function)
{
    public static GeminiOutput Make(JsonElement body, string question, ulong hash)
    {
        var text = new PlausibleText(question);
        if (DemandedFunction(body) is { } function)
        {
            var parameters = ProtobufJson.At(function, "parametersJsonSchema");
            return new GeminiOutput(
                parameters.ValueKind == JsonValueKind.Object ? JsonSchemaAnswer.Write(parameters, text, hash) : "{}",
                ProtobufJson.Text(function, "name"));
        }

        var schema = ProtobufJson.At(body, "generationConfig", "responseJsonSchema");
        return new GeminiOutput(
            schema.ValueKind == JsonValueKind.Object ? JsonSchemaAnswer.Write(schema, text, hash) : text.Sentence(hash), null);
    }

    private static JsonElement? DemandedFunction(JsonElement body)
    {
        var config = ProtobufJson.At(body, "toolConfig", "functionCallingConfig");
        var tools = ProtobufJson.At(body, "tools");
        if (ProtobufJson.Text(config, "mode") != "ANY" || tools.ValueKind != JsonValueKind.Array)
            return null;
        var allowed = ProtobufJson.At(config, "allowedFunctionNames") is { ValueKind: JsonValueKind.Array } names
            ? names.EnumerateArray().Select(name => name.GetString()).ToList()
            : null;
        var functions = tools.EnumerateArray().Select(tool => ProtobufJson.At(tool, "functionDeclarations"))
            .Where(list => list.ValueKind == JsonValueKind.Array).SelectMany(list => list.EnumerateArray());
        return functions.Where(function => allowed is null || allowed.Contains(ProtobufJson.Text(function, "name")))
            .Select(function => (JsonElement?)function).FirstOrDefault();
    }
}
