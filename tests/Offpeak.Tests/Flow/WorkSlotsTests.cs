using Offpeak.Flow;

namespace Offpeak.Tests.Flow;

public sealed class WorkSlotsTests
{
    // As numbers, because the kinds are internal; the order is that of SlotKind.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    [InlineData(4, 5)]
    [InlineData(5, 6)]
    public async Task Each_kind_of_work_has_as_many_slots_as_are_set_for_it(int kind, int most)
    {
        using var slots = Make();
        for (var i = 0; i < most; i++)
            await slots.EnterAsync((SlotKind)kind, "fake", CancellationToken.None);

        Assert.False(slots.EnterAsync((SlotKind)kind, "fake", CancellationToken.None).IsCompleted);
        Assert.True(slots.EnterAsync((SlotKind)kind, "other", CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Slot_that_is_left_twice_is_free_once()
    {
        using var slots = Make();
        var first = await slots.EnterAsync(SlotKind.Submit, "fake", CancellationToken.None);
        first.Dispose();
        first.Dispose();

        Assert.True(slots.EnterAsync(SlotKind.Submit, "fake", CancellationToken.None).IsCompleted);
        Assert.False(slots.EnterAsync(SlotKind.Submit, "fake", CancellationToken.None).IsCompleted);
    }

    private static WorkSlots Make()
    {
        var options = new OffpeakOptions();
        var most = options.MaxConcurrency;
        (most.Submits, most.Polls, most.Ingests, most.LocalBatches, most.ToolBatches, most.Handlers) = (1, 2, 3, 4, 5, 6);
        return new WorkSlots(Microsoft.Extensions.Options.Options.Create(options));
    }
}
