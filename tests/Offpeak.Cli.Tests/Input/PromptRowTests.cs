using Microsoft.Extensions.AI;
using Offpeak.Cli.Input;

namespace Offpeak.Cli.Tests.Input;

public sealed class PromptRowTests : InputFixture
{
    [Fact]
    public async Task A_file_for_prompt_is_refused_in_one_sentence() => Assert.Equal(
        "None of the 30 rows of in.csv has a \"prompt\" or \"messages\". The first has the columns id, text. To make a prompt of each row, use --prompt \"… {{column}} …\".",
        await RefusalAsync(Write("in.csv", "id,text\n" + string.Concat(Enumerable.Range(1, 30).Select(n => $"{n},x\n")))));

    [Fact]
    public async Task Prompts_and_systems_are_taken_from_the_row()
    {
        var path = Write("in.jsonl", """
            {"id":"a","prompt":"Hi \ud83d\ude00","system":"Be brief."}
            {"prompt":"Ho","system":null,"other":[1]}
            """);

        Assert.Equal([new PromptEntry("a", 1, "Hi 😀", "Be brief."), new PromptEntry("2", 2, "Ho", null)], await EntriesAsync(path));
    }

    [Fact]
    public async Task A_csv_file_may_have_a_prompt_column() =>
        Assert.Equal([new PromptEntry("a", 2, "Hi", "S")], await EntriesAsync(Write("in.csv", "id,prompt,system\na,Hi,S\n")));

    [Fact]
    public async Task Messages_keep_their_roles_and_texts()
    {
        var path = Write("in.jsonl", """
            {"id":"a","system":"S","messages":[{"role":"user","content":"Q"},{"role":"assistant","content":[{"type":"text","text":"A"},{"type":"text","text":"B"}]}]}
            """);

        var entry = Assert.IsType<MessagesEntry>(Assert.Single(await EntriesAsync(path)));

        Assert.Equal("S", entry.System);
        Assert.Equal([(ChatRole.User, "Q"), (ChatRole.Assistant, "AB")], entry.Messages.Select(message => (message.Role, message.Text)));
        Assert.Equal(2, entry.Messages[1].Contents.Count);
    }

    [Fact]
    public async Task Every_bad_row_is_named_with_its_reason()
    {
        string[] lines =
        [
            """{"id":"a","prompt":"x","messages":[]}""",
            """{"id":"b","text":"x"}""",
            """{"id":"c","prompt":["x"]}""",
            """{"id":"d","prompt":" "}""",
            """{"id":"e","prompt":"x","system":1}""",
            """{"id":null,"prompt":"x"}""",
            """{"id":"f","messages":"x"}""",
            """{"id":"g","messages":[]}""",
            """{"id":"h","messages":[{"role":"user","content":"x"},1]}""",
            """{"id":"i","messages":[{"content":"x"}]}""",
            """{"id":"j","messages":[{"role":"robot","content":"x"}]}""",
            """{"id":"k","messages":[{"role":"user"}]}""",
            """{"id":"l","messages":[{"role":"user","content":""}]}""",
            """{"id":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""",
            """{"id":"n","messages":[{"role":"user","content":"x","name":"y"}]}""",
            """{"id":"o","system":"S","messages":[{"role":"system","content":"T"}]}""",
            """{"id":"p","messages":[{"role":"user","content":[]}]}""",
        ];

        Assert.Equal(
            [
                "line 1: has both \"prompt\" and \"messages\". Keep one of them.",
                "line 2: has neither \"prompt\" nor \"messages\". It has id, text. To make prompts of columns, use --prompt.",
                "line 3: has a \"prompt\" that is not a string.",
                "line 4: has an empty \"prompt\".",
                "line 5: has a \"system\" that is not a string.",
                "line 6: has a value for \"id\" that is neither a string nor a number.",
                "line 7: has \"messages\" that are not an array of at least one message.",
                "line 8: has \"messages\" that are not an array of at least one message.",
                "line 9: message 2 is not a JSON object.",
                "line 10: message 1 has no \"role\".",
                "line 11: message 1 has the role \"robot\". Use system, user or assistant.",
                "line 12: message 1 has no \"content\".",
                "line 13: message 1 has empty \"content\".",
                "line 14: message 1 has a content part other than {\"type\":\"text\",\"text\":\"…\"}. Use OpenAI's batch format for such requests.",
                "line 15: message 1 has \"name\", which is not understood here. Use OpenAI's batch format for such requests.",
                "line 16: has a \"system\" text and a system message. Keep one of them.",
                "line 17: message 1 has no \"content\".",
            ],
            await ReasonsAsync("in.jsonl", string.Join('\n', lines)));
    }
}
