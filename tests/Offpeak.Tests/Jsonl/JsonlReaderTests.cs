using System.Text;
using Offpeak.Jsonl;

namespace Offpeak.Tests.Jsonl;

public sealed class JsonlReaderTests
{
    [Fact]
    public async Task Lines_end_at_line_feeds_only()
    {
        var separator = Encoding.Latin1.GetString("\u2028"u8);

        var lines = await ReadLine.AllAsync($"a\rb\n{separator}\vc\fd\n");

        Assert.Equal([new ReadLine(1, "a\rb"), new ReadLine(2, $"{separator}\vc\fd")], lines);
    }

    [Fact]
    public async Task One_carriage_return_before_the_line_feed_is_taken_off() =>
        Assert.Equal([new ReadLine(1, "a"), new ReadLine(2, "b\r"), new ReadLine(3, "\rc")], await ReadLine.AllAsync("a\r\nb\r\r\n\rc\n"));

    [Fact]
    public async Task A_byte_order_mark_is_skipped_at_the_start_only() =>
        Assert.Equal(
            [new ReadLine(1, "a"), new ReadLine(2, "\u00EF\u00BB\u00BFb")],
            await ReadLine.AllAsync("\u00EF\u00BB\u00BFa\n\u00EF\u00BB\u00BFb\n"));

    [Fact]
    public async Task Blank_lines_are_skipped_and_counted() =>
        Assert.Equal([new ReadLine(2, "a"), new ReadLine(6, "b")], await ReadLine.AllAsync("\na\n \t\n\r\n\r\r\nb\n\n  "));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n \n")]
    [InlineData("\u00EF\u00BB\u00BF")]
    public async Task A_stream_without_content_has_no_lines(string content) => Assert.Empty(await ReadLine.AllAsync(content));

    [Fact]
    public async Task Bytes_are_delivered_as_they_are()
    {
        // NUL, a lone surrogate encoded in UTF-8 and a byte that no UTF-8 text holds.
        const string odd = "\0{\u00ED\u00A0\u0080}\u00FF";

        Assert.Equal([new ReadLine(1, odd), new ReadLine(2, "b")], await ReadLine.AllAsync(odd + "\nb\n"));
    }

    [Fact]
    public async Task A_last_line_without_line_feed_is_delivered_as_not_terminated() =>
        Assert.Equal([new ReadLine(1, "a"), new ReadLine(2, "b\r", Terminated: false)], await ReadLine.AllAsync("a\nb\r"));

    [Fact]
    public async Task Truncation_at_every_byte_keeps_the_whole_lines_and_shows_the_cut_one()
    {
        const string whole = "{\"a\":1}\r\n\n{\"b\":\"\u00C3\u00A9\"}\n{\"c\":3}\n";
        var expected = await ReadLine.AllAsync(whole);

        for (var cut = 0; cut < whole.Length; cut++)
        {
            var lines = await ReadLine.AllAsync(whole[..cut]);

            var complete = lines.FindAll(line => line.Terminated);
            var rest = whole[(whole.LastIndexOf('\n', Math.Max(cut - 1, 0), cut) + 1)..cut];
            Assert.Equal(expected[..complete.Count], complete);
            Assert.Equal(rest.Length == 0 ? [] : [rest], lines.Where(line => !line.Terminated).Select(line => line.Bytes));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task The_size_of_the_reads_does_not_matter(int size)
    {
        var content = Encoding.UTF8.GetBytes("\uFEFF{\"a\":1}\r\n\r\n{\"é\":\"\u2028\"}\n" + new string('x', 300) + "\nend");

        var whole = await ReadLine.AllAsync(new MemoryStream(content), limit: 100);

        Assert.Equal(whole, await ReadLine.AllAsync(new ChunkedStream(content, size), limit: 100));
    }

    [Fact]
    public async Task Bytes_of_different_lines_do_not_mix_when_the_window_moves()
    {
        string[] contents = [.. Enumerable.Range(0, 2_000).Select(n => new string((char)('a' + (n % 26)), 1 + (n * 37 % 900)))];

        var lines = await ReadLine.AllAsync(string.Join('\n', contents) + "\n");

        Assert.Equal(contents, lines.Select(line => line.Bytes));
    }

    [Fact]
    public async Task An_error_of_the_stream_passes_through_after_the_lines_before_it()
    {
        var seen = new List<long>();
        var stream = new FailingStream("a\nb\nhalf"u8.ToArray());

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (var line in JsonlReader.ReadAsync(stream))
                seen.Add(line.Number);
        });

        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task Cancellation_ends_the_reading()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in JsonlReader.ReadAsync(new MemoryStream("a\n"u8.ToArray()), null, canceled.Token))
                Assert.Fail("A line was delivered.");
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_limit_outside_the_range_is_refused_at_the_call(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => JsonlReader.ReadAsync(Stream.Null, new JsonlReaderOptions { MaxLineBytes = limit }));
}
