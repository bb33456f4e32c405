using System.Text.Json;

namespace Offpeak.Testing.Gemini;

/// <summary>What the model says: texts for each candidate, or a call of one of the declared functions when the request demands one.</summary>
/// <param name="Candidates">What is said; for a call, its arguments as JSON.</param>
/// <param name="Function">Name of the function; null for a text.</param>
internal sealed record GeminiOutput(IReadOnlyList<AnswerPlay> Candidates, string? Function)
{
    private const int MostCandidates = 8;

    public static GeminiOutput Say(string text) => new([AnswerPlay.Of(script: null, text, limit: null)], null);

    public static GeminiOutput Make(JsonElement body, GeminiPrompt prompt, ulong hash)
    {
        var text = new PlausibleText(prompt.Question);
        if (DemandedFunction(body) is { } function)
        {
            var parameters = ProtobufJson.At(function, "parametersJsonSchema");
            var arguments = parameters.ValueKind == JsonValueKind.Object ? JsonSchemaAnswer.Write(parameters, text, hash) : "{}";
            return Say(arguments) with { Function = ProtobufJson.Text(function, "name") };
        }

        var config = ProtobufJson.At(body, "generationConfig");
        var schema = SchemaOf(config);
        var script = AnswerScript.Of(prompt.All);
        var count = ProtobufJson.At(config, "candidateCount") is { ValueKind: JsonValueKind.Number } n && n.TryGetInt32(out var wanted)
            ? Math.Clamp(wanted, 1, MostCandidates)
            : 1;
        return new GeminiOutput([.. Enumerable.Range(0, count).Select(Candidate)], null);

        AnswerPlay Candidate(int index)
        {
            var own = hash + (ulong)index;
            var said = schema.ValueKind == JsonValueKind.Object ? JsonSchemaAnswer.Write(schema, text, own) : text.Sentence(own);
            return AnswerPlay.Of(script, said, ProtobufJson.At(config, "maxOutputTokens"));
        }
    }

    private static JsonElement SchemaOf(JsonElement config)
    {
        var schema = ProtobufJson.At(config, "responseJsonSchema");
        return schema.ValueKind == JsonValueKind.Object ? schema : ProtobufJson.At(config, "responseSchema");
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
