using System.Net;
using Microsoft.Extensions.Configuration;
using Offpeak.Batches;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.PublicDoor.Tests.Acme;
using Offpeak.PublicDoor.Tests.Fixture;

namespace Offpeak.PublicDoor.Tests;

/// <summary>A provider of a third party, written with public types only, is carried through everything that ours are.</summary>
public sealed class ProviderTests
{
    [Fact]
    public async Task A_batch_whose_reply_was_lost_is_found_by_its_key_and_adopted()
    {
        await using var door = await Door.OpenAsync();
        door.Server.AfterCreate = () => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke.");
        var batch = await door.SubmitAsync(["one", "two"]);
        await door.Maintenance.TickAsync();

        Assert.Equal(ShardStatus.Unconfirmed, (await ShardAsync(door, batch)).Status);
        await door.TickToEndAsync(batch.Id);

        Assert.Equal("b-1", (await ShardAsync(door, batch)).ProviderBatchId);
        Assert.Equal("TWO", (await door.ReadTextsAsync(batch.Id))["two"]);
        Assert.Single(door.Server.Batches);
    }

    [Fact]
    public async Task What_was_journalled_is_gone_on_with()
    {
        await using var door = await Door.OpenAsync();
        door.Server.InsteadOfCreate = () => new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        var batch = await door.SubmitAsync(["one"]);
        await door.Maintenance.TickAsync();

        Assert.Equal(ProviderErrorClass.RateLimited, (await ShardAsync(door, batch)).TroubleClass);
        door.Server.InsteadOfCreate = () => null;
        await door.TickToEndAsync(batch.Id);

        Assert.Equal(1, door.Server.Uploads);
        Assert.Single(door.Server.Batches);
    }

    [Fact]
    public async Task A_missing_key_pauses_the_work_and_says_which_to_set()
    {
        await using var door = await Door.OpenAsync(offpeak => offpeak.AddAcme());
        var batch = await door.SubmitAsync(["one"]);
        await door.Maintenance.TickAsync();

        var shard = await ShardAsync(door, batch);

        Assert.True(shard.IsPaused);
        Assert.Equal(ProviderErrorClass.Unauthorized, shard.TroubleClass);
        Assert.Contains("ACME_API_KEY", shard.Trouble, StringComparison.Ordinal);
        Assert.Empty(door.Server.Batches);
    }

    [Fact]
    public async Task A_cancelled_batch_is_stopped_and_what_it_answered_is_kept()
    {
        await using var door = await Door.OpenAsync();
        door.Server.Holds = true;
        var batch = await door.SubmitAsync(["one", "two"]);
        await door.Maintenance.TickAsync();

        await door.Client.CancelAsync(batch.Id);
        await door.TickToEndAsync(batch.Id);

        var (after, _, counts) = await door.Client.GetAsync(batch.Id);
        Assert.True(door.Server.Batches.Single().IsStopped);
        Assert.Equal(BatchStatus.Canceled, after.Status);
        Assert.Equal((1, 1), (counts.Succeeded, counts.Canceled));
        Assert.Equal("ONE", (await door.ReadTextsAsync(batch.Id))["one"]);
    }

    [Fact]
    public async Task Nothing_is_left_at_the_provider()
    {
        await using var door = await Door.OpenAsync();
        var batch = await door.SubmitAsync(["one"]);
        await door.TickToEndAsync(batch.Id);

        Assert.NotNull((await ShardAsync(door, batch)).CleanedUpAt);
        Assert.Equal(0, door.Server.Files);
    }

    [Fact]
    public async Task Its_embeddings_are_read_by_its_codec()
    {
        await using var door = await Door.OpenAsync();
        var batch = await door.Client.CreateAsync(new NewBatch(Door.Model) { Endpoint = BatchEndpoint.Embeddings });
        await door.Client.AddEntriesAsync(batch.Id, [NewEntry.FromText("1", "seven c")]);
        await door.Client.SubmitAsync(batch.Id);
        await door.TickToEndAsync(batch.Id);

        var entry = await door.Client.ReadEntriesAsync(batch.Id).SingleAsync();

        Assert.Equal([7, 0.5f], entry.ToEmbeddings().Single().Vector.ToArray());
    }

    [Fact]
    public void Its_settings_come_from_the_hosts_configuration()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["ACME_API_KEY"] = "k", ["Offpeak:Acme:RequestTimeout"] = "00:00:05" })
            .Build();

        var options = AcmeOptions.FromConfiguration(configuration);

        Assert.Equal(("k", TimeSpan.FromSeconds(5)), (options.ApiKey, options.RequestTimeout));
        Assert.Equal("https://api.acme.example/v1", options.BaseUrl);
    }

    private static async Task<ShardInfo> ShardAsync(Door door, BatchInfo batch) => (await door.Client.GetAsync(batch.Id)).Shards.Single();
}
