using System.Text.RegularExpressions;
using CsCheck;
using Offpeak.Providers;

namespace Offpeak.Tests.Policies;

public sealed partial class SubmissionKeyTests
{
    [Fact]
    public void New_keys_differ_and_stay_within_the_charset()
    {
        var keys = Enumerable.Range(0, 1_000).Select(_ => SubmissionKey.New().Value).ToList();

        Assert.Distinct(keys);
        Assert.All(keys, key => Assert.Matches("^[a-z0-9-]{1,40}$", key));
    }

    [Fact]
    public void WireId_round_trips_and_stays_within_what_providers_accept() => Gen.Long[1, long.MaxValue].Sample(entryId =>
    {
        var key = SubmissionKey.New();
        var wireId = key.WireId(entryId);
        return Accepted().IsMatch(wireId) && key.TryReadEntryId(wireId, out var read) && read == entryId;
    });

    [Fact]
    public void TryReadEntryId_never_throws_and_takes_only_its_own_ids() => Gen.String.Sample(text =>
        !new SubmissionKey("op-key").TryReadEntryId(text, out _) || text.StartsWith("op-key-", StringComparison.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("op-key")]
    [InlineData("op-key-")]
    [InlineData("op-key--1")]
    [InlineData("op-key-+1")]
    [InlineData("op-key- 1")]
    [InlineData("op-key-1x")]
    [InlineData("op-key-99999999999999999999")]
    [InlineData("op-other-1")]
    [InlineData("OP-KEY-1")]
    [InlineData("op-key1-1")]
    public void TryReadEntryId_refuses_everything_else(string wireId) => Assert.False(new SubmissionKey("op-key").TryReadEntryId(wireId, out _));

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Accepted();
}
