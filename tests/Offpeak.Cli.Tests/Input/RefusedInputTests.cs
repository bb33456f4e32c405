using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

public sealed class RefusedInputTests : InputFixture
{
    [Theory]
    [InlineData("{\"id\":1,\"prompt\":\"x\"", "is not valid JSON (near byte 21). It is the last line and has no line end: the file may be cut off.")]
    [InlineData("{\"prompt\":\"x\"} {}\n", "is not valid JSON (near byte 16).")]
    [InlineData("\"x\"\n", "is not a JSON object.")]
    [InlineData("[{\"prompt\":\"x\"}]\n", "is a JSON array. Write one JSON object on each line instead.")]
    [InlineData("{\"prompt\":\"x\",\"a\":[{\"b\":1,\"\\u0062\":2}]}\n", "has the key \"b\" twice in one object.")]
    [InlineData("{\"prompt\":\"\\ud800\"}\n", "holds half of a surrogate pair (\\ud800 to \\udfff), which is not text.")]
    [InlineData("{\"prompt\":\"\\\\\\uD83D\\uD83D\\uDE00\"}\n", "holds half of a surrogate pair (\\ud800 to \\udfff), which is not text.")]
    [InlineData("{\"prompt\":\"x\",\"\\udc00\":1}\n", "holds half of a surrogate pair (\\ud800 to \\udfff), which is not text.")]
    [InlineData("{\"prompt\":\"\\\n", "is not valid JSON (near byte 13).")]
    [InlineData("{\"prompt\":\"a\0b\"}\n", "is not valid JSON (near byte 13).")]
    public async Task Json_that_would_be_misread_is_refused(string content, string reason) =>
        Assert.Equal(["line 1: " + reason], await ReasonsAsync("in.jsonl", content));

    [Theory]
    [InlineData("{\"prompt\":\"\\\\ud800 is not an escape\"}")]
    [InlineData("{\"prompt\":\"\\uD83D\\uDE00\"}")]
    public async Task Escapes_that_are_text_are_kept(string content) => Assert.Single(await EntriesAsync(Write("in.jsonl", content)));

    [Theory]
    [InlineData("in.jsonl", "{\"prompt\":\"\u00e9\"}\n")]
    [InlineData("in.csv", "id,prompt\n1,\u00e9\n2,\u00e8\n")]
    public async Task Latin_1_is_refused_by_line(string name, string content)
    {
        var path = Write(name, System.Text.Encoding.Latin1.GetBytes(content));

        Assert.Contains(": is not valid UTF-8. Save the file as UTF-8.", await RefusalAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in.csv", "id;prompt\n1;x, y\n", "semicolons")]
    [InlineData("in.csv", "id\tprompt\n1\tx\n", "tabs")]
    [InlineData("in.tsv", "id;prompt\n1;x\n", "semicolons")]
    public async Task Another_separator_is_named_as_the_trouble(string name, string content, string separator) => Assert.Equal(
        [$"line 1: the columns are separated by {separator}. Save the file as .csv with commas, or as .tsv with tabs."], await ReasonsAsync(name, content));

    [Fact]
    public async Task The_message_counts_all_bad_lines_and_shows_the_first_twenty()
    {
        var content = string.Join('\n', Enumerable.Range(1, 2_000).Select(n => n % 2 == 0 ? "{" : $"{{\"prompt\":\"{n}\"}}"));

        var message = (await RefusalAsync(Write("in.jsonl", content + "\n"))).Split('\n');

        Assert.Equal("in.jsonl has 1,000 bad lines. Nothing was sent.", message[0]);
        Assert.Equal("  line 2: is not valid JSON (near byte 2).", message[1]);
        Assert.Equal("  line 40: is not valid JSON (near byte 2).", message[20]);
        Assert.Equal(["  and 980 more", "Correct them and run the command again."], message[21..]);
    }

    [Theory]
    [InlineData("in.jsonl", "")]
    [InlineData("in.jsonl", "\n \r\n")]
    [InlineData("in.csv", "")]
    [InlineData("in.csv", "id,prompt\n")]
    public async Task A_file_without_entries_is_refused(string name, string content) =>
        Assert.Equal($"{name} holds no entries. Nothing was sent.", await RefusalAsync(Write(name, content)));

    [Fact]
    public async Task A_missing_file_is_refused() =>
        Assert.Equal("There is no file missing.jsonl. Check the path.", await RefusalAsync(Path.Combine(Folder, "missing.jsonl")));

    [Fact]
    public async Task A_missing_directory_is_refused() =>
        Assert.Equal("There is no file in.jsonl. Check the path.", await RefusalAsync(Path.Combine(Folder, "missing", "in.jsonl")));

    [Fact]
    public async Task A_directory_is_refused()
    {
        var path = Directory.CreateDirectory(Path.Combine(Folder, "sub")).FullName;

        Assert.Equal("sub is a directory. Name a file.", await RefusalAsync(path));
    }

    [Fact]
    public async Task A_line_over_the_limit_is_refused_and_the_rest_still_read()
    {
        var path = Write("in.jsonl", $"{{\"prompt\":\"{new string('x', 2_000)}\"}}\n{{\n");

        var exception = await Assert.ThrowsAsync<InputException>(
            () => RunInput.OpenAsync(path, Options() with { MaxLineBytes = 1_000 }));

        Assert.Contains("line 1: is longer than 1,000 bytes.\n  line 2: is not valid JSON", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_the_file_cannot_steer_the_terminal()
    {
        var reasons = await ReasonsAsync("in.jsonl", "{\"id\":\"\\u001b[2J\\u202e\",\"prompt\":1}\n{\"\\u001b]0;x\\u0007\":1}\n");

        Assert.DoesNotContain(string.Concat(reasons), c => char.IsControl(c) || c == '\u202e');
    }
}
