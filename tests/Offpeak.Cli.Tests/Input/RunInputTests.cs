using System.Security.Cryptography;
using System.Text;
using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

public sealed class RunInputTests : InputFixture
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    public async Task The_hash_is_that_of_the_bytes_and_the_file_can_be_read_again(int keptBytes)
    {
        var path = Write("in.csv", "\uFEFFid,prompt\r\na,x\r\n");
        await using var file = await RunInput.OpenAsync(path, Options() with { MaxKeptBytes = keptBytes });

        var once = await file.ReadAsync().ToListAsync();
        var again = await file.ReadAsync().ToListAsync();

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path))), file.ContentHash);
        Assert.Equal(once, again);
    }

    [Theory]
    [InlineData("\uFEFF\n {\"id\":\"a\",\"prompt\":\"x\"}\n")]
    [InlineData("\uFEFFid,prompt\na,x\n")]
    public async Task Standard_input_is_sniffed_kept_while_needed_and_read_twice(string content)
    {
        using var input = new OnceStream(Encoding.UTF8.GetBytes(content));
        var file = await RunInput.OpenAsync("-", Options() with { StandardInput = input });

        Assert.Equal("a", Assert.Single(await file.ReadAsync().ToListAsync()).CustomId);
        var spool = Assert.Single(Directory.GetFiles(Folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(spool));

        await file.DisposeAsync();
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task Refused_standard_input_leaves_no_file_behind()
    {
        using var input = new OnceStream("{\n"u8.ToArray());

        var exception = await Assert.ThrowsAsync<InputException>(
            () => RunInput.OpenAsync("-", Options() with { StandardInput = input }));

        Assert.StartsWith("stdin has 1 bad line. Nothing was sent.\n  line 1:", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData("{\"prompt\":\"x\"}\n", "{\"prompt\":\"y\"}\n")]
    [InlineData("{\"prompt\":\"x\"}\n", "{\"prompt\":123}\n")]
    public async Task A_file_that_changed_since_the_check_is_refused(string before, string after)
    {
        var path = Write("in.jsonl", before);
        await using var file = await RunInput.OpenAsync(path, Options() with { MaxKeptBytes = 0 });
        Overwrite(path, after);

        var exception = await Assert.ThrowsAsync<InputException>(async () => await file.ReadAsync().ToListAsync());

        Assert.EndsWith("changed while it was read. Run the command again.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_stay_valid_after_the_reader_moved_on()
    {
        var lines = Enumerable.Range(0, 5_000).Select(n =>
            $$$$"""{"custom_id":"{{{{n}}}}","method":"POST","url":"/v1/x","body":{"model":"m","n":{{{{n}}}}}}""");

        var entries = await EntriesAsync(Write("in.jsonl", string.Join('\n', lines)));

        Assert.Equal(
            Enumerable.Range(0, 5_000).Select(n => $"{{\"model\":\"m\",\"n\":{n}}}"),
            entries.Cast<RawBodyEntry>().Select(entry => Encoding.UTF8.GetString(entry.Body.Span)));
    }

    [Fact]
    public async Task A_read_error_becomes_a_sentence()
    {
        using var stream = new SourceStream(new BrokenStream(), "in.jsonl");

        var exception = await Assert.ThrowsAsync<InputException>(async () => await stream.CopyToAsync(Stream.Null));

        Assert.Equal("in.jsonl could not be read to its end: Input/output error.", exception.Message);
    }

    private static void Overwrite(string path, string content)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write(Encoding.UTF8.GetBytes(content));
    }

    private sealed class OnceStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw new IOException("Input/output error.");
    }
}
