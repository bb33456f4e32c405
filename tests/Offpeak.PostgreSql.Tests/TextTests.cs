using Offpeak.Storage.Sql;

namespace Offpeak.PostgreSql.Tests;

public sealed class TextTests
{
    [Fact]
    public void Clean_LeavesWhatTheDatabaseCanHold()
    {
        (string Text, string Expected)[] cases =
        [
            ("", ""),
            ("plain", "plain"),
            ("a\0b\0", "ab"),
            ("pair \ud83d\ude00 stays", "pair \ud83d\ude00 stays"),
            ("high \ud83d alone", "high \ufffd alone"),
            ("low \ude00 alone", "low \ufffd alone"),
            ("\ud83d\ud83d\ude00\ude00", "\ufffd\ud83d\ude00\ufffd"),
            ("ends \ud83d", "ends \ufffd"),
        ];

        foreach (var (text, expected) in cases)
            Assert.Equal(expected, StorableText.From(text));
    }

    [Fact]
    public void Clean_TextThatIsWhole_IsTheSameObject()
    {
        var text = new string('x', 3);

        Assert.Same(text, StorableText.From(text));
    }
}
