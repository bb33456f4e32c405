using System.Text;
using Offpeak.Conformance.Fuzz;
using Offpeak.Conformance.Subjects;
using Offpeak.Providers;

namespace Offpeak.Conformance.Suites;

/// <summary>
/// Recorded result files, cut, flipped, shuffled and mixed with odd lines: a provider throws nothing but <see cref="ProviderException"/>,
/// and a line that was left alone arrives whole.
/// </summary>
public abstract class FuzzSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const int Flips = 1_500;
    private const int Edits = 500;

    private static readonly TSubject Subject = new();

    [Fact]
    public Task A_file_cut_at_any_byte_gives_every_line_before_the_cut() => EachAsync(async fixture =>
    {
        for (var length = 0; length < fixture.Bytes.Length; length++)
            await fixture.CheckAsync(fixture.Bytes[..length], $"cut at {length}");
    });

    [Fact]
    public Task A_flipped_bit_spoils_no_line_but_its_own() => EachAsync(async fixture =>
    {
        var random = new Random(20_260_102);
        for (var i = 0; i < Flips; i++)
        {
            var bytes = fixture.Bytes.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            await fixture.CheckAsync(bytes, $"flip {i}");
        }
    });

    [Fact]
    public Task Bytes_that_are_lost_or_come_from_nowhere_spoil_no_other_line() => EachAsync(async fixture =>
    {
        var random = new Random(20_260_103);
        byte[] odd = [.. "\n\r\"{}[],:\\\0 9e-"u8, 0xFF, 0xED, 0xA0, 0x80, 0xE2, 0x80, 0xA8, 0xEF, 0xBB, 0xBF];
        for (var i = 0; i < Edits; i++)
        {
            var bytes = fixture.Bytes.ToList();
            var at = random.Next(bytes.Count - 20);
            if (random.Next(2) == 0)
                bytes.RemoveRange(at, random.Next(1, 20));
            else
                bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 6)).Select(_ => odd[random.Next(odd.Length)]));
            await fixture.CheckAsync([.. bytes], $"edit {i} at {at}");
        }
    });

    [Theory]
    [InlineData("\u2028 and \u2029 and \u0085")]
    [InlineData("\\u0000 \\u0007")]
    [InlineData("\\ud800 alone, \\udc00 too")]
    [InlineData("\\r\\n\\u000a")]
    [InlineData("{\\\"custom_id\\\":\\\"op-fixture-9\\\"}")]
    public Task An_answer_may_hold_any_text(string json) => EachAsync(async fixture =>
    {
        var text = Encoding.UTF8.GetString(fixture.Bytes);
        if (!text.Contains("\"Paris\"", StringComparison.Ordinal))
            return;
        var (results, failure) = await fixture.ReadAsync(Encoding.UTF8.GetBytes(text.Replace("\"Paris\"", $"\"{json}\"", StringComparison.Ordinal)));
        Assert.Null(failure);
        Assert.Equal(fixture.Lines.Sum(line => line.Results.Count), results.Count);
        Assert.Contains(results, result => result is { WireId: "op-fixture-1", Kind: ProviderResultKind.Succeeded });
        Assert.DoesNotContain(results, result => result.Kind == ProviderResultKind.Malformed);
    });

    [Fact]
    public async Task An_answer_of_20_MB_arrives_whole()
    {
        var fixture = await ResultFixture.LoadAsync(Subject, Subject.Fixtures[0]);
        var text = Encoding.UTF8.GetString(fixture.Bytes).Replace("\"Paris\"", $"\"{new string('y', 20_000_000)}\"", StringComparison.Ordinal);
        var (results, failure) = await fixture.ReadAsync(Encoding.UTF8.GetBytes(text));
        Assert.Null(failure);
        Assert.InRange(Assert.Single(results, result => result.WireId == "op-fixture-1").Body.Length, 20_000_000, 20_010_000);
    }

    [Fact]
    public Task A_name_that_comes_twice_makes_no_second_result() => EachAsync(async fixture =>
    {
        var text = Encoding.UTF8.GetString(fixture.Bytes);
        foreach (var name in (string[])["\"custom_id\":", "\"batch_request_id\":", "\"key\":"])
        {
            var twice = text.Replace(name + "\"op-fixture-1\"", $"{name}\"op-fixture-1\",{name}\"op-fixture-1\"", StringComparison.Ordinal);
            var (results, _) = await fixture.ReadAsync(Encoding.UTF8.GetBytes(twice));
            Assert.Equal(fixture.Lines.Sum(line => line.Results.Count), results.Count);
        }
    });

    private static async Task EachAsync(Func<ResultFixture, Task> check)
    {
        Assert.NotEmpty(Subject.Fixtures);
        foreach (var name in Subject.Fixtures)
            await check(await ResultFixture.LoadAsync(Subject, name));
    }
}
