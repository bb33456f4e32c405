using CsCheck;
using Offpeak.Policies;
using Offpeak.Providers;

namespace Offpeak.Tests.Policies;

public sealed class ShardPlanTests
{
    private const int WireIdBytes = 43;
    private const int Overhead = 10;

    [Fact]
    public void Plan_keeps_every_shard_within_the_limits_and_every_entry_in_one_shard() =>
        Gen.Select(Gen.Int[0, 900].Array[1, 200], Gen.Int[1, 20], Gen.Int[1_000, 5_000]).Sample((sizes, maxEntries, maxBytes) =>
        {
            var limits = new ProviderCapabilities { MaxEntries = maxEntries, MaxBytes = maxBytes, EntryOverheadBytes = Overhead };
            var shards = Cut(sizes, limits);
            return shards.SelectMany(shard => shard).SequenceEqual(sizes)
                && shards.TrueForAll(shard => shard.Count is > 0 && shard.Count <= maxEntries)
                && shards.TrueForAll(shard => shard.Sum(size => size + WireIdBytes + Overhead) <= maxBytes);
        });

    [Fact]
    public void Plan_opens_a_new_shard_only_when_the_entry_does_not_fit() =>
        Gen.Select(Gen.Int[0, 900].Array[1, 200], Gen.Int[1, 20], Gen.Int[1_000, 5_000]).Sample((sizes, maxEntries, maxBytes) =>
        {
            var limits = new ProviderCapabilities { MaxEntries = maxEntries, MaxBytes = maxBytes, EntryOverheadBytes = Overhead };
            var shards = Cut(sizes, limits);
            return Enumerable.Range(0, shards.Count - 1).All(i =>
                shards[i].Count == maxEntries
                || shards[i].Append(shards[i + 1][0]).Sum(size => size + WireIdBytes + Overhead) > maxBytes);
        });

    [Theory]
    [InlineData(947, false)]
    [InlineData(948, true)]
    public void IsTooLarge_counts_the_body_the_wire_id_and_the_overhead(int size, bool expected) =>
        Assert.Equal(expected, new ShardPlan(new ProviderCapabilities { MaxBytes = 1_000, EntryOverheadBytes = Overhead }).IsTooLarge(size));

    [Theory]
    [InlineData(100, 100, true)]
    [InlineData(100, 101, false)]
    [InlineData(99, 101, true)]
    public void TryTake_fills_a_shard_to_its_last_token(int first, int second, bool fits)
    {
        var plan = new ShardPlan(new ProviderCapabilities(), maxTokens: 50);
        Assert.True(plan.TryTake(first));

        Assert.Equal(fits, plan.TryTake(second));
        Assert.Equal(fits ? 50 : 25, plan.Tokens);
    }

    [Fact]
    public void TryTake_takes_an_entry_that_no_shard_has_the_tokens_for_into_a_shard_of_its_own()
    {
        var plan = new ShardPlan(new ProviderCapabilities(), maxTokens: 50);

        Assert.True(plan.TryTake(1_000));
        Assert.False(plan.TryTake(1));
    }

    [Fact]
    public void TryTake_keeps_transactions_short_whatever_the_provider_takes()
    {
        var plan = new ShardPlan(new ProviderCapabilities { MaxEntries = int.MaxValue, MaxBytes = long.MaxValue });
        var taken = 0;
        while (plan.TryTake(1))
            taken++;

        Assert.Equal(ShardPlan.MostEntries, taken);
    }

    [Fact]
    public void StartNext_leaves_nothing_of_the_shard_before()
    {
        var plan = new ShardPlan(new ProviderCapabilities { MaxBytes = 500 });
        Assert.True(plan.TryTake(100));
        Assert.False(plan.TryTake(100));

        plan.StartNext();

        Assert.Equal((0, 0L, 0L), (plan.Entries, plan.BodyBytes, plan.Tokens));
        Assert.True(plan.TryTake(50));
        Assert.True(plan.TryTake(50));
    }

    private static List<List<int>> Cut(int[] sizes, ProviderCapabilities limits)
    {
        var shards = new List<List<int>>();
        var plan = new ShardPlan(limits);
        var open = new List<int>();
        foreach (var size in sizes)
        {
            if (!plan.TryTake(size))
            {
                shards.Add(open);
                (plan, open) = (new ShardPlan(limits), []);
                Assert.True(plan.TryTake(size));
            }

            open.Add(size);
        }

        shards.Add(open);
        return shards;
    }
}
