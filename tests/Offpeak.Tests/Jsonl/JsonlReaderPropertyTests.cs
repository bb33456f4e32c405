using System.Text;
using CsCheck;
using Offpeak.Jsonl;

namespace Offpeak.Tests.Jsonl;

public sealed class JsonlReaderPropertyTests
{
    private const int Limit = 40;

    // Few different bytes, so that line ends, blanks and the start of a byte order mark meet often.
    private static readonly Gen<string> Bytes =
        Gen.Char["\n\n\r \0\"xy\u00EF\u00BB\u00BF"].Array[0, 200].Select(chars => new string(chars));

    [Fact]
    public async Task Written_lines_are_read_back_under_any_chunking() =>
        await Gen.Select(Gen.Byte.Where(value => value != (byte)'\n').Array[0, 300].Array[0, 20], Gen.Int[1, 64].Array[1, 10])
            .SampleAsync(async (lines, chunks) =>
            {
                string[] texts = [.. lines.Select(line => "{" + Encoding.Latin1.GetString(line) + "}")];
                var content = Encoding.Latin1.GetBytes(string.Concat(texts.Select(text => text + "\n")));

                var read = await ReadLine.AllAsync(new ChunkedStream(content, chunks));

                Assert.Equal(texts.Select((text, index) => new ReadLine(index + 1, text)), read);
            }, iter: 300);

    [Fact]
    public async Task Any_bytes_under_any_chunking_give_what_a_plain_split_gives() =>
        await Gen.Select(Bytes, Gen.Int[1, 64].Array[1, 10]).SampleAsync(async (text, chunks) =>
        {
            var content = Encoding.Latin1.GetBytes(text);

            Assert.Equal(PlainSplit(text), await ReadLine.AllAsync(new ChunkedStream(content, chunks), Limit));
        }, iter: 3_000);

    private static List<ReadLine> PlainSplit(string text)
    {
        var parts = text.Split('\n');
        var lines = parts.Select((part, index) => PlainLine(part, index + 1, index < parts.Length - 1));
        return [.. lines.Where(line => line.Problem is not null || line.Bytes.Trim(' ', '\r').Length > 0)];
    }

    private static ReadLine PlainLine(string part, int number, bool terminated)
    {
        var line = number == 1 && part.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal) ? part[3..] : part;
        line = terminated && line.EndsWith('\r') ? line[..^1] : line;
        return line.Length > Limit
            ? new ReadLine(number, "", terminated, JsonlProblem.TooLong)
            : new ReadLine(number, line, terminated);
    }
}
