using System.Diagnostics;
using System.Text;
using Offpeak.Batches;
using Offpeak.Flow.Poll;
using Offpeak.Kit.Http;
using Offpeak.Providers;
using Offpeak.Storage;
using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

/// <summary>What a provider says beside an answer may be as long as an answer.</summary>
public sealed class LongWordsTests
{
    [Fact]
    public void A_chunk_is_full_by_the_bytes_of_what_is_said_about_errors_too()
    {
        var shard = new ShardRow { SubmissionKey = SubmissionKey.New(), EntryCount = 10, Status = ShardStatus.Ended };
        var intake = new ResultIntake(shard, roundsLeft: false);
        intake.Take(new ProviderResult { Kind = ProviderResultKind.Failed, WireId = shard.SubmissionKey.WireId(1), ErrorCode = new string('x', 20_000_000) }, _ => null);

        Assert.True(intake.IsChunkFull(500), "500 of them would be 20 GB.");
    }

    [Fact]
    public async Task A_code_is_cut_before_it_is_stored()
    {
        await using var engine = await Engine.StartAsync();
        engine.Provider.Answer = entry => Results.Refused(entry) with { ErrorCode = new string('x', 5_000_000) };
        var id = await engine.SubmitAsync();
        engine.Provider.Set(ProviderBatchState.Ended);
        await engine.PollAsync(id);

        Assert.InRange((await engine.EntryAsync(id, "e1")).ErrorCode!.Length, 1, 10_000);
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(800_000)]
    public void Keys_are_taken_out_of_a_long_text_in_a_time_that_grows_with_its_length(int characters)
    {
        const string Word = "sk-aaaaaaaa ";
        var text = new StringBuilder().Insert(0, Word, characters / Word.Length).ToString();
        var watch = Stopwatch.StartNew();

        new KeyText(["sk-"]).Without(text);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
    }
}
