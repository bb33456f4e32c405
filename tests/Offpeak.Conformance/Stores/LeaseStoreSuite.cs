using Offpeak.Batches;
using Offpeak.Storage;

namespace Offpeak.Conformance.Stores;

/// <summary>Leases: taken when free by the store's clock, kept by their token, and what is done under a lost one is refused.</summary>
public abstract class LeaseStoreSuite<TSubject> : StoreSuite<TSubject>
    where TSubject : StoreSubject, new()
{
    [Fact]
    public async Task A_lease_is_one_holders_until_it_runs_out()
    {
        var (_, shard) = await PlannedAsync(1);
        var held = await HeldAsync(shard);
        Assert.Equal(("w1", Now + Lease), (held.LeaseOwner, held.LeaseUntil));
        Assert.Null(await Other.TryChangeShardAsync(held, new ShardChange { Lease = new LeaseChange("w2", Lease) }, null, default));
        Clock.Advance(Lease);
        Assert.Equal("w2", (await Other.TryChangeShardAsync(held, new ShardChange { Lease = new LeaseChange("w2", Lease) }, null, default))!.LeaseOwner);
    }

    [Fact]
    public async Task A_lease_of_the_dead_is_free()
    {
        var batch = await ChangeAsync(await BuildAsync(0), new BatchChange { Lease = new LeaseChange("dead", Lease) });
        Assert.Null(await Store.TryChangeBatchAsync(batch, new BatchChange { Lease = new LeaseChange("w2", Lease, "somebody else") }, default));
        Assert.Equal("w2", (await ChangeAsync(batch, new BatchChange { Lease = new LeaseChange("w2", Lease, "dead") })).LeaseOwner);
    }

    [Fact]
    public async Task What_is_held_changes_only_under_its_token()
    {
        var batch = await ChangeAsync(await BuildAsync(0), new BatchChange { Lease = new LeaseChange("w1", Lease) });
        Assert.Null(await Store.TryChangeBatchAsync(batch, new BatchChange { Round = 1, HeldBy = "w2" }, default));
        var released = await ChangeAsync(batch, new BatchChange { Round = 1, HeldBy = "w1", Lease = LeaseChange.Release });
        Assert.Equal((null, null), (released.LeaseOwner, released.LeaseUntil));
        Assert.Null(await Store.TryChangeBatchAsync(released, new BatchChange { Round = 2, HeldBy = "w1" }, default));
    }

    [Fact]
    public async Task A_change_may_ask_that_nobody_holds_it()
    {
        var batch = await ChangeAsync(await BuildAsync(0), new BatchChange { Lease = new LeaseChange("w1", Lease) });
        Assert.Null(await Store.TryChangeBatchAsync(batch, new BatchChange { Round = 1, Lease = LeaseChange.TakeAway() }, default));
        Assert.NotNull(await Store.TryChangeBatchAsync(batch, new BatchChange { Round = 1, Lease = LeaseChange.TakeAway("w1") }, default));
    }

    [Fact]
    public async Task A_change_that_asks_for_a_free_lease_takes_away_one_that_has_run_out()
    {
        var (batch, shard) = await PlannedAsync(1);
        var heldBatch = await ChangeAsync(batch, new BatchChange { Lease = new LeaseChange("w1", Lease) });
        var heldShard = await HeldAsync(shard);
        Clock.Advance(Lease);

        var changed = await ChangeAsync(heldBatch, new BatchChange { Round = 2, Lease = LeaseChange.TakeAway() });
        var other = (await Store.TryChangeShardAsync(heldShard, new ShardChange { FaultCount = 1, Lease = LeaseChange.TakeAway() }, null, default))!;

        Assert.Equal((null, null), (changed.LeaseOwner, other.LeaseOwner));
        Assert.Null(await Store.TryChangeBatchAsync(changed, new BatchChange { Round = 3, HeldBy = "w1" }, default));
        Assert.Null(await Store.TryChangeShardAsync(other, new ShardChange { FaultCount = 2, HeldBy = "w1" }, null, default));
    }

    [Fact]
    public async Task A_renewal_tells_whether_it_is_held_done_or_cancelled()
    {
        var (batch, shard) = await PlannedAsync(1);
        await HeldAsync(shard);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new LeaseState(true, false, false), await Store.RenewLeaseAsync(LeaseKind.Shard, shard.Id, "w1", Lease, default));
        Assert.Equal(Now + Lease, (await FindAsync(shard)).LeaseUntil);
        await Store.RequestCancelAsync(batch.Id, default);
        Assert.Equal(new LeaseState(true, false, true), await Store.RenewLeaseAsync(LeaseKind.Shard, shard.Id, "w1", Lease, default));
        Assert.False((await Store.RenewLeaseAsync(LeaseKind.Shard, shard.Id, "w2", Lease, default)).IsHeld);
        var led = await ChangeAsync(await FindAsync(batch), new BatchChange { Lease = new LeaseChange("h", Lease), DispatchId = "d" });
        Assert.True(await Store.TryCompleteDispatchAsync(led, "h", null, default));
        Assert.Equal(new LeaseState(false, true, true), await Store.RenewLeaseAsync(LeaseKind.Batch, batch.Id, "h", Lease, default));
    }

    [Fact]
    public async Task The_lease_of_a_batch_and_that_of_a_shard_with_the_same_number_are_two()
    {
        var other = await BuildAsync(0);
        var (batch, shard) = await PlannedAsync(1);
        Assert.Equal(other.Id, shard.Id);
        await HeldAsync(shard);
        await ChangeAsync(other, new BatchChange { Lease = new LeaseChange("h", Lease), HandlerDispatchedAt = When.Now });
        await Store.RequestCancelAsync(batch.Id, default);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new LeaseState(true, true, false), await Store.RenewLeaseAsync(LeaseKind.Batch, other.Id, "h", Lease, default));
        Assert.Equal(Now + Lease, (await FindAsync(other)).LeaseUntil);
        Assert.Equal(new LeaseState(true, false, true), await Store.RenewLeaseAsync(LeaseKind.Shard, shard.Id, "w1", Lease, default));
        Assert.False((await Store.RenewLeaseAsync(LeaseKind.Batch, other.Id, "w1", Lease, default)).IsHeld);
    }

    [Fact]
    public async Task Owners_of_live_leases_are_listed_once()
    {
        await ChangeAsync(await BuildAsync(0), new BatchChange { Lease = new LeaseChange("w1", Lease) });
        var (_, shard) = await PlannedAsync(1);
        await HeldAsync(shard, "w1");
        await ChangeAsync(await BuildAsync(0), new BatchChange { Lease = new LeaseChange("w2", Lease * 2) });
        Assert.Equal(["w1", "w2"], (await Store.ListLeaseOwnersAsync(default)).Order());
        Clock.Advance(Lease);
        Assert.Equal(["w2"], await Store.ListLeaseOwnersAsync(default));
    }

    [Fact]
    public async Task A_handler_is_done_once_under_its_token()
    {
        var batch = await ChangeAsync(
            await BuildAsync(0), new BatchChange { Status = BatchStatus.Completed, DispatchId = "d", NextDispatchAt = When.Now, DispatchError = "e", Lease = new LeaseChange("w1", Lease) });
        Assert.False(await Store.TryCompleteDispatchAsync(batch, "w2", null, default));
        Assert.False(await Store.TryCompleteDispatchAsync(batch with { DispatchId = "another" }, "w1", null, default));
        Assert.Equal(batch, await FindAsync(batch));
        Assert.True(await Store.TryCompleteDispatchAsync(batch, "w1", null, default));
        var done = await FindAsync(batch);
        Assert.Equal((Now, null, null, null, batch.Version + 1), (done.HandlerDispatchedAt, done.NextDispatchAt, done.DispatchError, done.LeaseOwner, done.Version));
        Assert.True(await Other.TryCompleteDispatchAsync(batch, "w1", null, default));
        Assert.False(await Other.TryCompleteDispatchAsync(batch with { DispatchId = "another" }, "w1", null, default));
    }
}
