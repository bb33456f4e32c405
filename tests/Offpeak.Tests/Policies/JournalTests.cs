using Offpeak.Providers;

namespace Offpeak.Tests.Policies;

public sealed class JournalTests
{
    [Fact]
    public void What_is_left_behind_is_known_no_more_and_still_found()
    {
        var first = Journal.Empty.With("file", "f-1").With("output", "o-1").With("empty", "");
        var second = first.LeaveBehind();
        var third = second.With("file", "f-2").LeaveBehind().With("file", "f-3");

        Assert.Equal((null, null), (second["file"], second["output"]));
        Assert.Equal(["f-1"], second.AllOf("file"));
        Assert.Equal(["f-3", "f-1", "f-2"], third.AllOf("file"));
        Assert.Equal(["o-1"], third.AllOf("output"));
        Assert.Empty(third.AllOf("empty"));
        Assert.Equal("f-1", first["file"]);
    }

    [Fact]
    public void The_same_value_is_left_behind_once()
    {
        var journal = Journal.Empty.With("file", "f").LeaveBehind().With("file", "f").LeaveBehind();

        Assert.Equal("f", Assert.Single(journal.Values).Value);
    }
}
