using Offpeak.Batches;
using Offpeak.Flow.Poll;
using Offpeak.Policies;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>The lines of one reading, sorted by the id that each names.</summary>
public sealed class ResultIntakeTests
{
    private readonly ResultIntake intake = new(new ShardRow { SubmissionKey = new("op-key") }, roundsLeft: true);
    private int priced;

    [Fact]
    public void First_line_of_an_entry_is_taken_with_its_price_and_every_further_one_counted()
    {
        Take(Ok(1));
        Take(Ok(2));
        Take(Ok(1));
        Take(Ok(1));

        Assert.Equal((2, 2, 0, 2), (intake.Accepted, intake.Duplicates, intake.Conflicts, priced));
        Assert.Equal([(1L, 0.5m), (2L, 0.5m)], intake.TakeChunk().Select(row => (row.EntryId, row.Cost!.Value)));
    }

    [Fact]
    public void Line_that_says_otherwise_in_its_kind_its_status_or_its_body_is_a_conflict()
    {
        Take(Ok(1));
        Take(Ok(1) with { StatusCode = 201 });
        Take(Ok(1) with { Kind = ProviderResultKind.Failed });
        Take(Ok(1) with { Body = FakeCodec.Answer("other") });
        Take(Ok(1) with { FinishReason = "length" });

        Assert.Equal((4, 3), (intake.Duplicates, intake.Conflicts));
    }

    [Fact]
    public void Line_of_which_nobody_knows_the_entry_is_counted_and_belongs_to_none()
    {
        Take(Ok(1) with { WireId = null });
        Take(Ok(1) with { WireId = "op-other-1" });
        Take(Ok(1) with { WireId = "op-key-x" });

        Assert.Equal((3, 0, 0, 0), (intake.Unknown, intake.Malformed, intake.ChunkCount, priced));
        intake.CountUnknown(2);
        Assert.Equal(5, intake.Unknown);
    }

    [Fact]
    public void Line_that_is_malformed_or_of_no_known_kind_is_counted_and_a_torn_one_remembered()
    {
        Take(Ok(1) with { Kind = ProviderResultKind.Malformed });
        Take(Ok(1) with { Kind = (ProviderResultKind)99 });
        Assert.Equal((2, false), (intake.Malformed, intake.IsTorn));

        Take(Ok(1) with { Kind = ProviderResultKind.Malformed, IsTorn = true });
        Take(Ok(1) with { Kind = ProviderResultKind.Malformed, IsTorn = true });
        Take(Ok(1) with { Kind = ProviderResultKind.Malformed });

        Assert.Equal((5, true, 0, 0), (intake.Malformed, intake.IsTorn, intake.Unknown, intake.ChunkCount));
    }

    [Fact]
    public void Chunk_is_full_with_as_many_rows_as_are_wanted()
    {
        Take(Ok(1));
        Assert.False(intake.IsChunkFull(2));
        Take(Ok(2));
        Assert.True(intake.IsChunkFull(2));

        Assert.Equal(2, intake.TakeChunk().Count);

        Assert.Equal((0, false), (intake.ChunkCount, intake.IsChunkFull(2)));
        Assert.Equal(2, intake.Accepted);
    }

    [Fact]
    public void Chunk_is_full_with_as_many_bytes_as_are_read_at_once()
    {
        var half = new byte[PageBytes.Most / 2];
        Take(Ok(1) with { Body = half });
        Take(Ok(2) with { Body = half.AsMemory(1) });
        Assert.False(intake.IsChunkFull(100));
        Take(Ok(3) with { Body = new byte[1] });
        Assert.True(intake.IsChunkFull(100));

        intake.TakeChunk();

        Assert.False(intake.IsChunkFull(100));
    }

    [Theory]
    [InlineData(true, EntryStatus.Pending)]
    [InlineData(false, EntryStatus.Expired)]
    public void Entry_goes_on_to_another_round_if_there_is_one(bool roundsLeft, EntryStatus status)
    {
        var last = new ResultIntake(new ShardRow { SubmissionKey = new("op-key") }, roundsLeft);

        last.Take(Ok(1) with { Kind = ProviderResultKind.Expired }, _ => null);

        Assert.Equal((roundsLeft, status), (last.RoundsLeft, last.TakeChunk().Single().Status));
    }

    private static ProviderResult Ok(int id) => Results.Ok($"op-key-{id}", "answer");

    private void Take(ProviderResult result) => intake.Take(result, _ =>
    {
        priced++;
        return 0.5m;
    });
}
