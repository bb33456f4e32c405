using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Batches;

public sealed class BatchClientTests
{
    [Theory]
    [InlineData("gpt-5")]
    [InlineData("/gpt-5")]
    [InlineData("fake/")]
    [InlineData("")]
    public async Task Create_model_without_a_provider_is_refused(string model)
    {
        await using var engine = await Engine.StartAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CreateAsync(new NewBatch(model)));
        Assert.Equal(OffpeakErrorCode.InvalidInput, error.Code);
    }

    [Fact]
    public async Task Create_unknown_provider_is_refused_and_the_known_ones_are_named()
    {
        await using var engine = await Engine.StartAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CreateAsync(new NewBatch("nobody/model")));

        Assert.Equal(OffpeakErrorCode.UnknownProvider, error.Code);
        Assert.Contains("fake", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_endpoint_that_the_provider_cannot_batch_is_refused_before_anything_is_sent()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { Endpoints = [BatchEndpoint.Chat] };
        await using var engine = await Engine.StartAsync(world);

        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => engine.Client.CreateAsync(new NewBatch("fake/model-1") { Endpoint = BatchEndpoint.Embeddings }));

        Assert.Equal(OffpeakErrorCode.InvalidInput, error.Code);
        Assert.Contains("/v1/embeddings", error.Message, StringComparison.Ordinal);
        await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Endpoint = BatchEndpoint.Chat });
    }

    [Fact]
    public async Task Create_model_name_may_hold_slashes()
    {
        await using var engine = await Engine.StartAsync();

        Assert.Equal("fake/org/model", (await engine.Client.CreateAsync(new NewBatch("fake/org/model"))).Model);
    }

    [Fact]
    public async Task List_gives_the_newest_first_and_pages()
    {
        await using var engine = await Engine.StartAsync();
        for (var i = 0; i < 5; i++)
            await engine.BuildAsync(0);

        Assert.Equal([5L, 4L], (await engine.Client.ListAsync(2)).Select(batch => batch.Id));
        Assert.Equal([3L, 2L], (await engine.Client.ListAsync(2, before: 4)).Select(batch => batch.Id));
        Assert.Single(await engine.Client.ListAsync(-1));
    }

    [Fact]
    public async Task Get_of_a_batch_that_does_not_exist_is_refused()
    {
        await using var engine = await Engine.StartAsync();

        Assert.Equal(OffpeakErrorCode.BatchNotFound, (await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.GetAsync(9))).Code);
        Assert.Null(await engine.Client.FindAsync(9));
    }

    [Fact]
    public async Task ReadEntries_streams_more_than_a_page_in_input_order()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(1_201);

        Assert.Equal(Enumerable.Range(1, 1_201).Select(i => $"e{i}"), (await engine.EntriesAsync(id)).Select(entry => entry.CustomId));
    }

    [Fact]
    public async Task Chat_entries_are_encoded_by_the_providers_codec()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromPrompt("a", "hello")]);
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();

        Assert.Equal("hello", Assert.Single(engine.Provider.Only.Entries).CustomId);
    }
}
