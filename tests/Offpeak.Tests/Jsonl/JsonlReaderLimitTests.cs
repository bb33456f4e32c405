using Offpeak.Jsonl;

namespace Offpeak.Tests.Jsonl;

public sealed class JsonlReaderLimitTests
{
    [Fact]
    public async Task A_line_over_the_limit_is_reported_and_the_next_one_delivered() =>
        Assert.Equal(
            [new ReadLine(1, "1234"), TooLong(2), new ReadLine(3, "b"), TooLong(4), new ReadLine(5, "c")],
            await ReadLine.AllAsync("1234\n12345\nb\n1234567890\nc\n", limit: 4));

    [Fact]
    public async Task Terminators_and_the_byte_order_mark_do_not_count() =>
        Assert.Equal([new ReadLine(1, "1234")], await ReadLine.AllAsync("\u00EF\u00BB\u00BF1234\r\n", limit: 4));

    [Theory]
    [InlineData("a\n12345")]
    [InlineData("a\n1234567890")]
    public async Task An_over_long_last_line_may_lack_its_line_feed(string content) =>
        Assert.Equal([new ReadLine(1, "a"), TooLong(2) with { Terminated = false }], await ReadLine.AllAsync(content, limit: 4));

    [Fact]
    public async Task A_long_run_of_blanks_is_a_long_line_when_it_passes_the_limit() =>
        Assert.Equal([TooLong(1), new ReadLine(2, "a")], await ReadLine.AllAsync(new string(' ', 500_000) + "\na\n", limit: 1_000));

    [Fact]
    public async Task Lines_longer_than_the_window_are_delivered_whole()
    {
        string[] contents = [new('a', 3_000_000), "b", new('c', 200_000), new('d', 5_000_000), .. Enumerable.Repeat(new string('e', 70_000), 90)];

        var lines = await ReadLine.AllAsync(string.Join('\n', contents) + "\n");

        Assert.Equal(contents, lines.Select(line => line.Bytes));
    }

    [Fact]
    public async Task An_over_long_line_does_not_take_memory_for_its_length()
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var reported = 0;

        await foreach (var line in JsonlReader.ReadAsync(new EndlessLine(1L << 30), new JsonlReaderOptions { MaxLineBytes = 1 << 20 }))
            reported += line.Problem == JsonlProblem.TooLong && line.Bytes.IsEmpty ? 1 : 0;

        Assert.Equal(1, reported);
        // Other tests allocate at the same time; the line is a hundred times as long.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 500L << 20);
    }

    [Fact]
    public async Task A_window_grown_for_one_line_is_given_back()
    {
        byte[] big = [.. Enumerable.Repeat((byte)'x', 20_000_000), (byte)'\n'];
        using var window = new ReadWindow(JsonlReaderOptions.DefaultMaxLineBytes);
        var lines = new LineSplitter(window, JsonlReaderOptions.DefaultMaxLineBytes);
        using var stream = new MemoryStream([.. big, .. Enumerable.Repeat("small line\n"u8.ToArray(), 250_000).SelectMany(line => line)]);
        var largest = 0;

        while (await window.FillAsync(stream, CancellationToken.None))
        {
            largest = Math.Max(largest, window.Size);
            while (lines.TryTake(out _))
            {
            }
        }

        Assert.InRange(largest, big.Length, 2 * big.Length);
        Assert.Equal(128 * 1024, window.Size);
    }

    private static ReadLine TooLong(long number) => new(number, "", Problem: JsonlProblem.TooLong);
}
