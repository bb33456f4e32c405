using System.Text.Json;
using Microsoft.Extensions.AI;
using Offpeak.Codec;
using Offpeak.OpenAI;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Storage;

/// <summary>Runs alone: what other tests hold at the same time would be counted too.</summary>
[Collection("Memory")]
public sealed class SchemaMemoryTests
{
    private static readonly string Long = new('d', 200_000);

    [Fact]
    public async Task Entries_that_each_have_a_schema_of_their_own_are_added_without_all_of_them_being_held()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Codec = new OpenAICodec();
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Endpoint = BatchEndpoint.Chat });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long held = 0;

        await engine.Client.AddEntriesAsync(batch.Id, Entries());

        Assert.InRange(held, 0, 70_000_000);

        IEnumerable<NewEntry> Entries()
        {
            for (var i = 1; i <= 300; i++)
            {
                yield return NewEntry.FromPrompt($"e{i}", "hi", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(Schema(i), "answer") });
                if (i % 50 == 0)
                    held = Math.Max(held, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }
    }

    private static JsonElement Schema(int number) => JsonSerializer.Deserialize<JsonElement>(
        $$$"""{"type":"object","description":"{{{number}}}{{{Long}}}","properties":{"size":{"type":"integer"}},"required":["size"],"additionalProperties":false}""");
}

[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class RunsAlone;
