using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Providers;

namespace Offpeak.Benchmarks.Cases;

/// <summary>Answers of 1 KB, read and checked against a schema as people write it.</summary>
internal sealed class SchemaChecks : IBenchmark
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "label": { "type": "string", "enum": ["praise", "complaint", "question", "other"] },
            "score": { "type": "number", "minimum": 0, "maximum": 1 },
            "summary": { "type": "string", "maxLength": 1000 },
            "language": { "type": "string", "pattern": "^[a-z]{2}$" },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 10 },
            "people": { "type": "array", "items": { "$ref": "#/$defs/person" } },
            "reply": { "anyOf": [{ "type": "string" }, { "type": "null" }] }
          },
          "required": ["label", "score", "summary", "language", "tags", "people", "reply"],
          "additionalProperties": false,
          "$defs": {
            "person": {
              "type": "object",
              "properties": { "name": { "type": "string" }, "age": { "type": "integer", "minimum": 0 } },
              "required": ["name", "age"],
              "additionalProperties": false
            }
          }
        }
        """;

    public string Name => "schema";

    // The raw baseline reads the same answers without a check.
    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        using var scratch = new Scratch();
        IBatchProvider[] provider = [new MemoryProvider { Answers = [.. Enumerable.Range(0, 100).Select(Body)] }];
        var (plain, loose) = await SubmitAsync(scratch, "plain", provider, scale.Entries, new ChatOptions());
        var (strict, held) = await SubmitAsync(scratch, "strict", provider, scale.Entries, new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema)) });
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            await FinishAsync(plain, provider, engine => rounds.RawAsync(() => engine.FinishAsync(loose)));
            await FinishAsync(strict, provider, engine => rounds.EngineAsync(() => engine.FinishAsync(held)));
        }

        yield return rounds.Rate("structured answers of 1 KB ingested and checked (raw: not checked)", scale.Entries);
    }

    private static async Task<(Template Template, long BatchId)> SubmitAsync(
        Scratch scratch, string name, IBatchProvider[] provider, int entries, ChatOptions options)
    {
        var template = new Template(scratch, name);
        await using var engine = await Engine.OpenAsync(template.Path, provider);
        var id = await engine.AddBatchAsync(
            new NewBatch($"memory/{Texts.Model}"), Enumerable.Range(0, entries).Select(i => NewEntry.FromPrompt($"row-{i:D7}", Texts.Prompts[i % Texts.Prompts.Length], options)));
        await engine.SubmitAsync(id);
        return (template, id);
    }

    private static async Task FinishAsync(Template template, IBatchProvider[] provider, Func<Engine, Task> finish)
    {
        var copy = template.Copy();
        await using (var engine = await Engine.OpenAsync(copy, provider))
            await finish(engine);

        Template.Drop(copy);
    }

    private static byte[] Body(int seed) => Encoding.UTF8.GetBytes(
        $$$"""
        {"id":"resp_{{{seed}}}","object":"response","status":"completed","model":"{{{Texts.Model}}}","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed",
        "content":[{"type":"output_text","text":{{{JsonSerializer.Serialize(Answer(seed))}}},"annotations":[]}]}],"usage":{"input_tokens":510,"output_tokens":270,"total_tokens":780}}
        """.ReplaceLineEndings(""));

    private static string Answer(int seed) => $$"""
        {"label":"complaint","score":0.{{seed + 10}},"summary":"{{Texts.Prose(seed, 700)}}","language":"en","tags":["delivery","refund","tone"],
        "people":[{"name":"{{Texts.Prose(seed, 20)}}","age":{{seed}}},{"name":"{{Texts.Prose(seed + 1, 20)}}","age":40}],"reply":null}
        """;
}
