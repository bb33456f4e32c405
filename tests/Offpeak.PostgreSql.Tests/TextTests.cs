using Offpeak.Storage.Sql;

namespace Offpeak.PostgreSql.Tests;

public sealed class TextTests
{
    [Fact]
    public void From_IsWhatTheDatabaseCanHoldAndReadsBackAsItWas()
    {
        string[] cases = ["", "plain", "a\0b\0", "pair \ud83d\ude00", "high \ud83d alone", "low \ude00 alone", "\ud83d\ud83d\ude00\ude00", "ends \ud83d"];

        foreach (var text in cases)
        {
            var stored = StorableText.From(text);
            Assert.DoesNotContain('\0', stored);
            Assert.DoesNotContain(stored.EnumerateRunes(), rune => rune == System.Text.Rune.ReplacementChar);
            Assert.Equal(text, StorableText.Read(stored));
        }
    }

    [Fact]
    public void From_TextThatIsWhole_IsTheSameObject()
    {
        var text = new string('x', 3);

        Assert.Same(text, StorableText.From(text));
    }
}
