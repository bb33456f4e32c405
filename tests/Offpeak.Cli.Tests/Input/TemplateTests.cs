using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

public sealed class TemplateTests : InputFixture
{
    [Fact]
    public async Task A_csv_row_fills_the_template()
    {
        var path = Write("in.csv", "\uFEFFid,title,text\r\na,\"Say \"\"hi\"\"\",\"two\r\nlines, one cell\"\r\n\r\nb,5\" disk,\r\n");

        Assert.Equal(
            [
                new PromptEntry("a", 2, "Say \"hi\": {two\r\nlines, one cell}", null),
                new PromptEntry("b", 5, "5\" disk: {}", null),
            ],
            await EntriesAsync(path, "{{title}}: {{{ text }}}"));
    }

    [Theory]
    [InlineData("in.tsv", "id\ttext\na\tx, y\n")]
    [InlineData("in.CSV", "custom_id,text\na,\"x, y\"")]
    [InlineData("in.jsonl", "{\"id\":\"a\",\"text\":\"x, y\"}")]
    [InlineData("in.txt", "{\"custom_id\":\"a\",\"text\":\"x, y\"}\n")]
    public async Task The_extension_says_how_the_file_is_written(string name, string content)
    {
        var entry = Assert.Single(await EntriesAsync(Write(name, content), "{{text}}"));

        Assert.Equal(("a", "x, y"), (entry.CustomId, Assert.IsType<PromptEntry>(entry).Prompt));
    }

    [Fact]
    public async Task Json_values_that_are_not_strings_are_filled_in_as_written()
    {
        var path = Write("in.jsonl", """{"n":1.50,"b":true,"z":null,"o":{"a": [1]},"s":"é\n"}""");

        var entry = Assert.Single(await EntriesAsync(path, "{{n}}|{{b}}|{{z}}|{{o}}|{{s}}|{{n}}"));

        Assert.Equal("1.50|true||{\"a\": [1]}|é\n|1.50", Assert.IsType<PromptEntry>(entry).Prompt);
    }

    [Fact]
    public async Task Rows_without_an_id_have_the_number_of_their_line()
    {
        Assert.Equal(["2", "4"], (await EntriesAsync(Write("in.csv", "t\n\"a\nb\"\nc\n"), "{{t}}")).Select(entry => entry.CustomId));
        Assert.Equal(["2", "12"], (await EntriesAsync(Write("in.jsonl", "\n{\"t\":1}\n{\"id\":12,\"t\":2}"), "{{t}}")).Select(entry => entry.CustomId));
    }

    [Theory]
    [InlineData("in.csv", "id,title\n1,a\n2,b\n")]
    [InlineData("in.jsonl", "{\"id\":1,\"title\":\"a\"}\n{\"id\":2}\n")]
    public async Task A_column_that_no_row_has_is_said_once_with_the_columns_there_are(string name, string content) =>
        Assert.Equal(
            $"The prompt asks for {{{{tilte}}}}, but {name} has no such column. Its columns are: id, title.",
            await RefusalAsync(Write(name, content), "{{id}} {{tilte}}"));

    [Fact]
    public async Task A_column_that_one_row_lacks_is_said_for_that_row() =>
        Assert.Equal(
            ["line 2: has no column \"title\". It has id, name."],
            await ReasonsAsync("in.jsonl", "{\"id\":1,\"title\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n", "{{title}}"));

    [Fact]
    public async Task Bad_rows_of_a_csv_file_are_named_by_the_line_they_start_on() =>
        Assert.Equal(
            [
                "line 2: has 1 fields, but the header has 2.",
                "line 3: has 3 fields, but the header has 2.",
                "line 4: has an empty \"id\".",
                "line 7: uses the id \"a\" again, which line 5 has.",
                "line 8: has text after a closing quote. Write a quote inside a quoted field as two quotes.",
                "line 9: has only empty fields.",
                "line 10: opens a quote that is never closed.",
            ],
            await ReasonsAsync("in.csv", "id,t\n1\n1,2,3\n,x\na,\"x\ny\"\na,z\n2,\"x\"y\n,\n3,\"open\nmore\n", "{{t}}"));

    [Theory]
    [InlineData("id,t,id\n1,2,3\n", "line 1: the header has the column \"id\" twice.")]
    [InlineData("id,\"t\n1,2\n", "line 1: opens a quote that is never closed.")]
    public async Task A_bad_header_is_line_one(string content, string reason) =>
        Assert.Equal([reason], await ReasonsAsync("in.csv", content, "{{t}}"));

    [Fact]
    public async Task A_header_may_have_spaces_and_nameless_columns() =>
        Assert.Equal("x", Assert.IsType<PromptEntry>(Assert.Single(await EntriesAsync(Write("in.csv", "id, t,,\n1,x,,\n"), "{{t}}"))).Prompt);

    [Theory]
    [InlineData("Say something.")]
    [InlineData("{title} {{}} {{ }}")]
    public async Task A_template_without_a_column_is_refused(string template) =>
        Assert.Equal(
            "The prompt names no column, so every row would get the same prompt. Name one in double braces, as in {{text}}.",
            await RefusalAsync(Write("in.csv", "t\na\n"), template));

    [Fact]
    public async Task A_prompt_of_nothing_is_refused() =>
        Assert.Equal(["line 3: makes an empty prompt."], await ReasonsAsync("in.csv", "id,t\n1,a\n2,\n", " {{t}}"));

    [Fact]
    public async Task A_row_longer_than_the_limit_is_refused()
    {
        var path = Write("in.csv", "id,t\n1,\"" + new string('x', 300_000) + "\n");
        var options = Options("{{t}}") with { MaxLineBytes = 100_000 };

        var exception = await Assert.ThrowsAsync<InputException>(() => RunInput.OpenAsync(path, options));

        Assert.Contains("line 2: the row is too long. A quote may lack its partner.", exception.Message, StringComparison.Ordinal);
    }
}
