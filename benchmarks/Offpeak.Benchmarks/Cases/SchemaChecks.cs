using System.Text.Json;
using Offpeak.Benchmarks.Bed;
using Offpeak.Benchmarks.Reporting;
using Offpeak.Policies;

namespace Offpeak.Benchmarks.Cases;

/// <summary>Answers of 1 KB against a schema as people write it, on one core.</summary>
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

    // The raw baseline reads the answer as JSON and nothing more.
    public async IAsyncEnumerable<Figure> RunAsync(Scale scale)
    {
        var answers = Enumerable.Range(0, 100).Select(Answer).ToArray();
        var rounds = new Rounds();
        for (var round = 0; round < scale.Rounds; round++)
        {
            await rounds.RawAsync(() =>
            {
                for (var i = 0; i < scale.Entries; i++)
                    JsonDocument.Parse(answers[i % answers.Length]).Dispose();
            });
            await rounds.EngineAsync(() => Task.Run(() => Check(answers, scale.Entries)));
        }

        yield return rounds.Rate("structured answers of 1 KB checked", scale.Entries, bar: 30_000);
    }

    private static void Check(string[] answers, int count)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
        {
            if (AnswerSchema.Compile(Schema).Check(answers[i % answers.Length]) is { } finding)
                throw new InvalidOperationException(finding.Problem);
        }

        Console.Error.WriteLine($"  {(GC.GetAllocatedBytesForCurrentThread() - before) / count:N0} bytes allocated per answer");
    }

    private static string Answer(int seed) => $$"""
        {"label":"complaint","score":0.{{seed + 10}},"summary":"{{Texts.Prose(seed, 700)}}","language":"en","tags":["delivery","refund","tone"],
        "people":[{"name":"{{Texts.Prose(seed, 20)}}","age":{{seed}}},{"name":"{{Texts.Prose(seed + 1, 20)}}","age":40}],"reply":null}
        """;
}
