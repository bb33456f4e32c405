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
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void Fallback_is_there_until_it_was_asked(bool isNamed, bool wasAsked, bool expected)
    {
        var batch = Batch(round: 1, isNamed, wasAsked);

        Assert.Equal(expected, RoundPolicy.HasFallback(batch));
        // It is asked whatever became of the provider's rounds, but not after a cancel.
        var lost = new ShardRow { Round = 3, Status = ShardStatus.Failed };
        Assert.Equal(expected, RoundPolicy.RoundsLeft(batch, lost));
        Assert.False(RoundPolicy.RoundsLeft(batch with { CancelRequestedAt = DateTimeOffset.UnixEpoch }, lost));
        Assert.Equal(expected ? EntryStatus.Pending : EntryStatus.Expired, RoundPolicy.WhenUnsent(batch, EntryStatus.Expired));
        Assert.Equal(EntryStatus.Expired, RoundPolicy.WhenUnsent(batch with { CancelRequestedAt = DateTimeOffset.UnixEpoch }, EntryStatus.Expired));
    }

    [Theory]
    [InlineData("failed", true)]
    [InlineData("failed, accepted and failed", true)]
    [InlineData("failed, canceled", true)]
    [InlineData("failed, accepted and ended", false)]
    [InlineData("canceled", false)]
    public void Batch_was_refused_as_a_whole_if_a_shard_was_and_no_other_ran(string shards, bool expected) => Assert.Equal(expected, RoundPolicy.IsRefused(
        [.. shards.Split(", ").Select(shard => new ShardRow
        {
            Status = StatusNames.Parse<ShardStatus>(shard.Split(' ')[^1]),
            AcceptedAt = shard.StartsWith("accepted", StringComparison.Ordinal) ? DateTimeOffset.UnixEpoch : null,
        })]));

    [Theory]
    [InlineData(2, null, 2, ShardStatus.Ended, null, false)]
    [InlineData(3, null, 2, ShardStatus.Ended, null, true)]
    [InlineData(4, null, 2, ShardStatus.Ended, null, true)]
    [InlineData(2, 1, 2, ShardStatus.Ended, null, false)]
    [InlineData(2, 0, 2, ShardStatus.Ended, null, true)]
    [InlineData(2, -1, 2, ShardStatus.Ended, null, true)]
    [InlineData(2, null, 2, ShardStatus.Failed, null, true)]
    [InlineData(2, null, 2, ShardStatus.Expired, FailureCodes.GivenUp, true)]
    [InlineData(2, null, 2, ShardStatus.Expired, FailureCodes.Expired, false)]
    [InlineData(2, null, 1, ShardStatus.Failed, null, false)]
    public void Fallback_is_due_after_the_last_round_its_time_or_a_failure_of_this_round(
        int round, int? secondsLeft, int shardRound, ShardStatus status, string? code, bool expected)
    {
        var now = DateTimeOffset.UnixEpoch;
        var shards = new[] { new ShardRow { Round = round, Status = ShardStatus.Ended }, new ShardRow { Round = shardRound, Status = status, FailureCode = code } };
        var batch = Batch(round, isNamed: true, wasAsked: false) with
        {
            SubmittedAt = now.AddHours(-1),
            FallbackAfter = secondsLeft is { } left ? TimeSpan.FromHours(1) + TimeSpan.FromSeconds(left) : null,
        };

        Assert.Equal(expected, RoundPolicy.IsFallbackDue(batch, shards, now));
        Assert.False(RoundPolicy.IsFallbackDue(batch with { FallbackSince = now }, shards, now));
    }

    [Fact]
    public void Next_round_goes_to_the_fallback_once_it_is_its_turn()
    {
        Assert.Equal("fake", RoundPolicy.ProviderOf(Batch(round: 1, isNamed: true, wasAsked: false)));
        Assert.Equal("other", RoundPolicy.ProviderOf(Batch(round: 1, isNamed: true, wasAsked: true)));
    }

    [Theory]
    [InlineData(3, 1, 4)]
    [InlineData(int.MaxValue, 1, int.MaxValue)]
    [InlineData(int.MaxValue - 1, 1, int.MaxValue)]
    public void Rounds_are_added_up_to_as_many_as_there_are(int rounds, int more, int expected) =>
        Assert.Equal(expected, RoundPolicy.MoreRounds(rounds, more));

    [Fact]
    public void Malformed_line_has_no_entry_to_give_a_status_to() => Assert.Throws<ArgumentOutOfRangeException>(
        () => RoundPolicy.AfterResult(new ProviderResult { Kind = ProviderResultKind.Malformed }, roundsLeft: true));

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

    private static BatchRow Batch(int round, bool isNamed, bool wasAsked) => new()
    {
        Provider = "fake",
        Round = round,
        MaxRounds = 3,
        FallbackModel = isNamed ? "other/model" : null,
        FallbackSince = wasAsked ? DateTimeOffset.UnixEpoch : null,
    };
}
