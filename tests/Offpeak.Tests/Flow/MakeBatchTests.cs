using Offpeak.Tests.Fixture;

namespace Offpeak.Tests.Flow;

public sealed class MakeBatchTests
{
    public static TheoryData<string, NewBatch, NewBatch> Edges => new()
    {
        { "canary", Of() with { Canary = 0 }, Of() with { Canary = 1 } },
        { "round", Of() with { MaxRounds = 0 }, Of() with { MaxRounds = 1 } },
        { "budget", Of() with { MaxCost = 0 }, Of() with { MaxCost = 0.000_001m } },
        { "negative", Of() with { MaxTurns = -1 }, Of() with { MaxTurns = 0 } },
        { "negative", Of() with { MaxAnswerRetries = -1 }, Of() with { MaxAnswerRetries = 0 } },
        {
            "longer than zero",
            Of() with { Fallback = "fake/model-2", FallbackAfter = TimeSpan.Zero },
            Of() with { Fallback = "fake/model-2", FallbackAfter = TimeSpan.FromTicks(1) }
        },
        { "no fallback", Of() with { FallbackAfter = TimeSpan.FromHours(1) }, Of() with { Fallback = "fake/model-2" } },
    };

    [Theory]
    [MemberData(nameof(Edges), DisableDiscoveryEnumeration = true)]
    public async Task Number_that_makes_no_sense_is_refused_and_the_next_one_taken(string said, NewBatch wrong, NewBatch right)
    {
        await using var engine = await Engine.StartAsync();

        var refusal = await Assert.ThrowsAsync<OffpeakException>(() => engine.Client.CreateAsync(wrong));
        Assert.Equal(OffpeakErrorCode.InvalidInput, refusal.Code);
        Assert.Contains(said, refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(await engine.Client.CreateAsync(right));
    }

    [Theory]
    [InlineData(null, null, 3)]
    [InlineData(5, null, 5)]
    [InlineData(5, 2, 6)]
    public async Task Canary_is_a_round_of_its_own(int? rounds, int? canary, int expected)
    {
        await using var engine = await Engine.StartAsync(options => options.MaxRounds = 3);

        var batch = await engine.Client.CreateAsync(Of() with { MaxRounds = rounds, Canary = canary });

        Assert.Equal(expected, (await engine.BatchAsync(batch.Id)).MaxRounds);
    }

    private static NewBatch Of() => new("fake/model-1");
}
