using Microsoft.Extensions.DependencyInjection;
using Offpeak.Flow;
using Offpeak.Providers;
using Offpeak.Tests.Fixture;
using Offpeak.Work;

namespace Offpeak.Tests.Storage;

public sealed class EntryStorageTests
{
    public static TheoryData<string> Texts => new(
        "plain",
        "a\0b",
        "\0",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🦉",
        "שלום עליכם",
        "‮evil",
        "quote ' and \" and ; DROP TABLE offpeak_batches;--",
        " leading and trailing ",
        "line\nbreak\rreturn\u2028",
        new string('x', 1_000_000));

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Any_text_round_trips_as_custom_id_and_name(string text)
    {
        await using var engine = await Engine.StartAsync();
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Name = text, InputKey = text })).Id;
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromBody(text, FakeCodec.Body("x"))]);

        Assert.Equal(text, (await engine.BatchAsync(id)).Name);
        Assert.Equal(id, (await engine.Client.FindByInputKeyAsync(text))!.Id);
        Assert.Equal(text, Assert.Single(await engine.EntriesAsync(id)).CustomId);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Any_text_round_trips_in_bodies_and_errors(string text)
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 1);
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/model-1"))).Id;
        var body = FakeCodec.Body(text);
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("a", body), NewEntry.FromBody("b", body)]);
        await engine.Client.SubmitAsync(id);
        await engine.Submit.RunOnceAsync();
        engine.Provider.OnResults = batch =>
        [
            Results.Ok(batch.Entries[0].WireId, text), Results.Refused(batch.Entries[1]) with { ErrorMessage = text },
        ];
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.All(engine.Provider.Only.Entries, entry => Assert.Equal(text, entry.CustomId));
        Assert.Equal(text, (await engine.EntryAsync(id, "a")).Text);
        // A message is kept as long as a person reads it.
        Assert.Equal(text[..Math.Min(text.Length, 2_000)], (await engine.EntryAsync(id, "b")).ErrorMessage);
    }

    [Fact]
    public async Task Empty_texts_are_kept_where_they_are_allowed()
    {
        await using var engine = await Engine.StartAsync();
        var id = (await engine.Client.CreateAsync(new NewBatch("fake/model-1") { Name = "" })).Id;
        await engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("a", FakeCodec.Body(""))]);

        Assert.Equal("", (await engine.BatchAsync(id)).Name);
    }

    [Fact]
    public async Task Add_duplicate_custom_id_in_one_chunk_is_refused_by_name()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);

        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => engine.Client.AddEntriesAsync(id, [Engine.Entry("same"), Engine.Entry("same")]));

        Assert.Equal(OffpeakErrorCode.DuplicateCustomId, error.Code);
        Assert.Contains("'same'", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), ((await engine.BatchAsync(id)).EntryCount, (await engine.CountsAsync(id)).Total));
    }

    [Fact]
    public async Task Add_duplicate_custom_id_in_a_later_chunk_or_call_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);
        var entries = Enumerable.Range(0, 1_500).Select(i => Engine.Entry($"e{i}")).Append(Engine.Entry("e0"));

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, entries));
        var again = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, [Engine.Entry("e5")]));

        Assert.Equal(OffpeakErrorCode.DuplicateCustomId, error.Code);
        Assert.Equal(OffpeakErrorCode.DuplicateCustomId, again.Code);
        Assert.Equal((1_000, 1_000), ((await engine.BatchAsync(id)).EntryCount, (await engine.CountsAsync(id)).Total));
    }

    [Fact]
    public async Task Add_same_custom_id_in_another_batch_is_allowed()
    {
        await using var engine = await Engine.StartAsync();
        var one = await engine.BuildAsync(1);
        var two = await engine.BuildAsync(1);

        Assert.Equal("e1", Assert.Single(await engine.EntriesAsync(one)).CustomId);
        Assert.Equal("e1", Assert.Single(await engine.EntriesAsync(two)).CustomId);
    }

    [Fact]
    public async Task Add_empty_custom_id_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, [Engine.Entry("")]));
        Assert.Equal(OffpeakErrorCode.InvalidInput, error.Code);
    }

    [Fact]
    public async Task Add_body_of_several_lines_is_refused_by_name()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);

        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("a", "{\n}"u8.ToArray())]));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":1} {}")]
    [InlineData("{\"a\":\"")]
    public async Task Add_body_that_is_no_json_object_is_refused_by_name_before_it_takes_its_batch_with_it(string body)
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.BuildAsync(0);

        var error = await Assert.ThrowsAsync<OffpeakException>(
            () => engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("a", System.Text.Encoding.UTF8.GetBytes(body))]));
        Assert.Equal("The body of entry 'a' must be one JSON object in UTF-8.", error.Message);
    }

    [Fact]
    public async Task Add_entry_that_fits_no_provider_batch_is_refused_by_name_before_anything_is_sent()
    {
        using var world = new World();
        world.Provider.Capabilities = new ProviderCapabilities { MaxBytes = 500, EntryOverheadBytes = 10 };
        await using var engine = await Engine.StartAsync(world);
        var id = await engine.BuildAsync(0);
        // With its wire id it is a few bytes over, without it it would fit.
        var body = FakeCodec.Body(new string('x', 460));

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, [NewEntry.FromBody("big", body)]));
        Assert.Contains("'big'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_to_a_submitted_batch_is_refused()
    {
        await using var engine = await Engine.StartAsync();
        var id = await engine.SubmitAsync();

        var error = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.AddEntriesAsync(id, [Engine.Entry("late")]));
        Assert.Equal(OffpeakErrorCode.InvalidState, error.Code);
    }

    [Fact]
    public async Task Many_writers_of_two_processes_see_no_error()
    {
        using var world = new World();
        await using var one = await Engine.StartAsync(world, more: services => services.AddSingleton<WorkerIdentity>(new TestWorker("one")));
        await using var two = await Engine.StartAsync(world, more: services => services.AddSingleton<WorkerIdentity>(new TestWorker("two")));
        Engine[] processes = [one, two];

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(processes[writer % 2]))));

        Assert.Empty(world.Errors.Reports);
        foreach (var id in ids)
            Assert.Equal(100, (await one.BatchAsync(id)).SucceededCount);
    }

    private static async Task<long> WriteAsync(Engine engine)
    {
        var id = await engine.BuildAsync(100);
        await engine.Client.SubmitAsync(id);
        var shard = await engine.ShardAsync(id);
        await engine.RunAsync(new WorkItem(WorkKind.Submit, shard.Id));
        engine.Provider.Batches.Single(batch => batch.Key == shard.SubmissionKey.Value).Snapshot = new() { State = ProviderBatchState.Ended };
        await engine.PollAsync(id);
        return id;
    }
}
