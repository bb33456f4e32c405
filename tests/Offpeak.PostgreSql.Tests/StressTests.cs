using Npgsql;
using Offpeak.PostgreSql.Tests.Support;
using Offpeak.TestKit.Postgres;

namespace Offpeak.PostgreSql.Tests;

public sealed class StressTests
{
    [PostgresFact]
    public async Task Verbs_OfFourAtOnceOnTheSameRows_NeverFailAndLeaveTheCountsRight()
    {
        await using var database = await TestStore.CreateAsync();
        long[] batches = [await VerbStorm.PrepareAsync(database.Store, 1), await VerbStorm.PrepareAsync(database.Store, 2)];
        var storms = Enumerable.Range(0, 4).Select(seed => new VerbStorm(database.AddStore(), batches, seed)).ToList();

        await Task.WhenAll(storms.Select(storm => Task.Run(() => storm.RunAsync(Steps))));

        foreach (var id in batches)
        {
            var batch = await database.Store.FindBatchAsync(id, default);
            var counts = await database.Store.CountEntriesAsync(id, default);
            Assert.Equal(
                (VerbStorm.EntriesPerBatch, counts.Succeeded, counts.Failed, counts.Canceled, counts.Expired),
                (batch!.EntryCount, batch.SucceededCount, batch.FailedCount, batch.CanceledCount, batch.ExpiredCount));
            Assert.Equal(VerbStorm.EntriesPerBatch, counts.Total);
        }

        // Every verb has to have had its way with the others about.
        var done = storms.SelectMany(storm => storm.Done).ToLookup(pair => pair.Key, pair => pair.Value);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var deadlocks = source.CreateCommand("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", done.Select(verb => $"{verb.Key} {verb.Sum()}")) + $"; deadlocks {await deadlocks.ExecuteScalarAsync()}");
        Assert.All(VerbStorm.Verbs, verb => Assert.True(done[verb].Sum() > 0, verb));
    }

    private static int Steps => int.Parse(Environment.GetEnvironmentVariable("OFFPEAK_STORM_STEPS") ?? "400", null);
}
