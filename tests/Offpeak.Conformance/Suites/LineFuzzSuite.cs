using System.Text;
using Offpeak.Conformance.Fuzz;
using Offpeak.Conformance.Subjects;
using Offpeak.Providers;

namespace Offpeak.Conformance.Suites;

/// <summary>Recorded result files that hold a result in each line: shuffled, mixed with odd lines, and as other systems write them.</summary>
public abstract class LineFuzzSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const int Shuffles = 20;

    private static readonly TSubject Subject = new();

    [Fact]
    public Task Lines_in_any_order_keep_their_ids() => EachAsync(async fixture =>
    {
        var random = new Random(20_260_104);
        for (var i = 0; i < Shuffles; i++)
        {
            var lines = fixture.Lines.Select(known => known.Line).ToArray();
            random.Shuffle(lines);
            await fixture.CheckAsync(ResultFixture.Join(lines), $"shuffle {i}");
        }
    });

    [Fact]
    public Task Odd_lines_in_between_take_nothing_with_them() => EachAsync(async fixture =>
    {
        foreach (var (name, odd) in OddLines(fixture))
        {
            var lines = fixture.Lines.SelectMany(known => (byte[][])[odd, known.Line]);
            await fixture.CheckAsync(ResultFixture.Join(lines), name);
        }
    });

    [Fact]
    public Task Files_written_by_other_systems_read_the_same() => EachAsync(async fixture =>
    {
        var lines = fixture.Lines.Select(known => known.Line).ToList();
        await fixture.CheckAsync([0xEF, 0xBB, 0xBF, .. fixture.Bytes], "byte order mark");
        await fixture.CheckAsync(ResultFixture.Join(lines.Select(line => (byte[])[.. line, (byte)'\r'])), "CRLF");
        await fixture.CheckAsync(ResultFixture.Join(lines.SelectMany(line => (byte[][])[[], line, " \t"u8.ToArray()])), "blank lines");
        await fixture.CheckAsync(ResultFixture.Join(lines)[..^1], "no line feed at the end");
    });

    [Fact]
    public Task A_line_over_64_MiB_is_told_with_a_reason_and_the_others_arrive() => EachAsync(async fixture =>
    {
        var bytes = new byte[(64 * 1024 * 1024) + 2];
        bytes.AsSpan().Fill((byte)'x');
        bytes[^1] = (byte)'\n';
        var (results, failure) = await fixture.ReadAsync([.. fixture.Bytes, .. bytes, .. fixture.Bytes]);

        Assert.Null(failure);
        var whole = fixture.Lines.Count;
        Assert.Equal((2 * whole) + 1, results.Count);
        Assert.Equal((ProviderResultKind.Malformed, whole + 1L), (results[whole].Kind, results[whole].Line));
        Assert.Contains("longer", results[whole].ErrorMessage, StringComparison.Ordinal);
    });

    private static IEnumerable<(string Name, byte[] Line)> OddLines(ResultFixture fixture)
    {
        var first = fixture.Lines[0].Line;
        yield return ("NUL", [0]);
        yield return ("not UTF-8", [(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        yield return ("an encoded surrogate", [(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']);
        yield return ("two values", [.. first, .. first]);
        yield return ("half a line", first[..(first.Length / 2)]);
        yield return ("depth 1,000", Encoding.UTF8.GetBytes(new string('[', 1_000) + new string(']', 1_000)));
        yield return ("depth 1,000 in a body", Nested(first, 1_000));
        yield return ("depth 100,000, never closed", Encoding.UTF8.GetBytes("{\"custom_id\":" + new string('[', 100_000)));
        foreach (var text in (string[])["null", "1e999", "\"text\"", "[]", "{}", "{\"custom_id\":7,\"key\":7}", "{\"custom_id\":\"\",\"key\":\"\"}", "<html></html>"])
            yield return (text, Encoding.UTF8.GetBytes(text));
    }

    // The second line must not be taken for the first one, which is checked too.
    private static byte[] Nested(byte[] line, int depth)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line)
            .Replace("op-fixture-1\"", "op-deep-1\"", StringComparison.Ordinal).Replace("\"Paris\"", deep, StringComparison.Ordinal));
    }

    private static async Task EachAsync(Func<ResultFixture, Task> check)
    {
        Assert.NotEmpty(Subject.Fixtures);
        foreach (var name in Subject.Fixtures)
            await check(await ResultFixture.LoadAsync(Subject, name));
    }
}
