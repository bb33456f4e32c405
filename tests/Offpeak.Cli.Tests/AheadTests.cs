using System.Runtime.CompilerServices;

namespace Offpeak.Cli.Tests;

public sealed class AheadTests
{
    [Fact]
    public async Task Every_item_comes_in_order()
    {
        var source = Enumerable.Range(0, 10_000);
        Assert.Equal(source, await Ahead.ReadAsync(source.ToAsyncEnumerable(), _ => 1, default).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task No_more_is_held_than_two_pages_and_what_is_being_read()
    {
        var read = 0;
        await using var ahead = Ahead.ReadAsync(Count(() => read++), _ => 1_000_000, default).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var taken = 1; taken <= 20; taken++)
        {
            Assert.True(await ahead.MoveNextAsync());
            Assert.InRange(Volatile.Read(ref read), taken, taken + 3);
        }
    }

    [Fact]
    public async Task An_error_comes_out_behind_the_items_before_it()
    {
        var seen = new List<int>();
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in Ahead.ReadAsync(Fail(3), _ => 1_000_000, default))
                seen.Add(item);
        });
        Assert.Equal("no more", error.Message);
        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task Who_stops_early_ends_the_reading()
    {
        var ended = false;
        await foreach (var _ in Ahead.ReadAsync(Count(() => 0, () => ended = true), _ => 1_000_000, default))
            break;

        Assert.True(ended);
    }

    private static async IAsyncEnumerable<int> Count(Func<int> next, Action? end = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                await Task.Yield();
                yield return next();
            }
        }
        finally
        {
            end?.Invoke();
        }
    }

    private static async IAsyncEnumerable<int> Fail(int after)
    {
        for (var i = 0; i < after; i++)
        {
            await Task.Yield();
            yield return i;
        }

        throw new InvalidDataException("no more");
    }
}
