using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class AddEntriesTests
{
    [Theory]
    [InlineData(999, new[] { 999 })]
    [InlineData(1_000, new[] { 1_000 })]
    [InlineData(2_001, new[] { 1_000, 1_000, 1 })]
    public async Task Entries_are_written_a_thousand_at_a_time(int entries, int[] expected)
    {
        await using var engine = await Engine.StartAsync();
        var chunks = Watch(engine);

        var id = await engine.BuildAsync(entries);

        Assert.Equal(expected, chunks);
        Assert.Equal(entries, (await engine.BatchAsync(id)).EntryCount);
    }

    [Fact]
    public async Task Large_entries_are_written_before_a_thousand_of_them_fill_the_memory()
    {
        await using var engine = await Engine.StartAsync();
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1"));
        var chunks = Watch(engine);

        await engine.Client.AddEntriesAsync(batch.Id, Enumerable.Range(1, 7).Select(i => NewEntry.FromBody($"e{i}", FakeCodec.Body(new string('x', 700_000)))));

        Assert.Equal([3, 3, 1], chunks);
    }

    [Fact]
    public async Task Entries_that_are_encoded_for_a_fallback_too_count_with_both_bodies()
    {
        await using var engine = await Engine.StartAsync();
        var batch = await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Fallback = "fake/model-2" });
        var chunks = Watch(engine);

        await engine.Client.AddEntriesAsync(batch.Id, Enumerable.Range(1, 5).Select(i => NewEntry.FromPrompt($"e{i}", new string('x', 700_000))));

        Assert.Equal([2, 2, 1], chunks);
    }

    private static List<int> Watch(Engine engine)
    {
        var chunks = new List<int>();
        engine.Hooks.OnCall = (verb, args) =>
        {
            if (verb == nameof(IOffpeakStore.AddEntriesAsync))
                chunks.Add(((IReadOnlyList<NewEntryRow>)args[1]!).Count);
        };
        return chunks;
    }
}
