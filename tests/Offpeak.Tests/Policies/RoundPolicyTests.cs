using Offpeak.Batches;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;

namespace Offpeak.Tests.Policies;

public sealed class RoundPolicyTests
{
    [Theory]
    [InlineData(ProviderResultKind.Succeeded, false, true, EntryStatus.Succeeded)]
    [InlineData(ProviderResultKind.Succeeded, false, false, EntryStatus.Succeeded)]
    [InlineData(ProviderResultKind.Failed, true, true, EntryStatus.Pending)]
    [InlineData(ProviderResultKind.Failed, true, false, EntryStatus.Failed)]
    [InlineData(ProviderResultKind.Failed, false, true, EntryStatus.Failed)]
    [InlineData(ProviderResultKind.Failed, false, false, EntryStatus.Failed)]
    [InlineData(ProviderResultKind.Expired, false, true, EntryStatus.Pending)]
    [InlineData(ProviderResultKind.Expired, false, false, EntryStatus.Expired)]
    [InlineData(ProviderResultKind.Canceled, false, true, EntryStatus.Pending)]
    [InlineData(ProviderResultKind.Canceled, false, false, EntryStatus.Canceled)]
    public void AfterResult_gives_the_entry_its_status(ProviderResultKind kind, bool passing, bool roundsLeft, EntryStatus expected) =>
        Assert.Equal(expected, RoundPolicy.AfterResult(new ProviderResult { Kind = kind, IsPassing = passing }, roundsLeft));

    [Theory]
    [InlineData(ShardStatus.Ended, true, EntryStatus.Pending)]
    [InlineData(ShardStatus.Ended, false, EntryStatus.Failed)]
    [InlineData(ShardStatus.Canceled, false, EntryStatus.Canceled)]
    [InlineData(ShardStatus.Expired, false, EntryStatus.Expired)]
    [InlineData(ShardStatus.Expired, true, EntryStatus.Pending)]
    [InlineData(ShardStatus.Failed, false, EntryStatus.Failed)]
    public void WhenMissing_follows_how_the_provider_batch_ended(ShardStatus ended, bool roundsLeft, EntryStatus expected) =>
        Assert.Equal(expected, RoundPolicy.WhenMissing(ended, roundsLeft));

    [Theory]
    [InlineData(1, 3, false, ShardStatus.Ended, null, true)]
    [InlineData(3, 3, false, ShardStatus.Ended, null, false)]
    [InlineData(1, 3, true, ShardStatus.Ended, null, false)]
    [InlineData(1, 3, false, ShardStatus.Failed, null, false)]
    [InlineData(1, 3, false, ShardStatus.Expired, null, true)]
    [InlineData(1, 3, false, ShardStatus.Expired, FailureCodes.GivenUp, false)]
    public void RoundsLeft_not_after_the_limit_a_cancel_a_refusal_or_giving_up(
        int round, int maxRounds, bool canceled, ShardStatus status, string? error, bool expected)
    {
        var batch = new BatchRow { MaxRounds = maxRounds, CancelRequestedAt = canceled ? DateTimeOffset.UnixEpoch : null };
        var shard = new ShardRow { Round = round, Status = status, FailureCode = error };

        Assert.Equal(expected, RoundPolicy.RoundsLeft(batch, shard));
    }

    [Theory]
    [InlineData(3, 0, 0, 0, false, false, "Complete")]
    [InlineData(0, 3, 0, 0, false, false, "Complete")]
    [InlineData(0, 3, 0, 0, false, true, "Fail")]
    [InlineData(1, 2, 0, 0, false, true, "Complete")]
    [InlineData(1, 0, 2, 0, true, false, "Cancel")]
    [InlineData(1, 0, 2, 0, false, false, "Expire")]
    [InlineData(1, 0, 0, 2, false, false, "Expire")]
    [InlineData(3, 0, 0, 0, true, false, "Complete")]
    public void Outcome_of_a_batch_follows_its_entries(
        int succeeded, int failed, int canceled, int expired, bool cancelRequested, bool refused, string expected)
    {
        var batch = new BatchRow
        {
            CancelRequestedAt = cancelRequested ? DateTimeOffset.UnixEpoch : null,
            SucceededCount = succeeded,
            FailedCount = failed,
            CanceledCount = canceled,
            ExpiredCount = expired,
        };

        Assert.Equal(expected, RoundPolicy.Outcome(batch, refused).ToString());
    }
}
