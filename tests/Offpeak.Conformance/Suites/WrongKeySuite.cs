using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;

namespace Offpeak.Conformance.Suites;

/// <summary>A key that the provider refuses, or that is not there: told as such by every call, and shown by none.</summary>
public abstract class WrongKeySuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    private const string Wrong = "sk-wrong-9876543210fedcba";

    [Theory]
    [InlineData(Wrong)]
    [InlineData("")]
    [InlineData("sk wrong\u00E9 9876543210fedcba")]
    public async Task Every_call_says_that_the_key_is_refused_and_does_not_show_it(string key)
    {
        var batch = await EndAsync(await SubmitAsync(2));
        var stranger = Subject.Make(Emulator, Clock, key);
        (string Name, Func<Task> Call)[] calls =
        [
            ("submit", () => stranger.SubmitAsync(Shard(2, new SubmissionKey("op-second")), default)),
            ("find", () => stranger.FindAsync(new FindRequest(batch, Clock.GetUtcNow().AddDays(-1)), default)),
            ("status", () => stranger.GetStatusAsync(batch, default)),
            ("read", () => stranger.ReadResultsAsync(batch, default).ToListAsync().AsTask()),
            ("cancel", () => stranger.CancelAsync(batch, default)),
        ];
        foreach (var (name, call) in calls)
        {
            var failure = await FailureAsync(call);
            Assert.Equal((name, ProviderErrorClass.Unauthorized), (name, failure.Class));
            Assert.True(key.Length == 0 || !failure.ToString().Contains(key, StringComparison.Ordinal), $"{name} shows the key.");
        }

        Assert.Single(Emulator.Batches);
        Assert.True(key.Length == 0 || !string.Concat(Emulator.Requests.Select(request => request.Path)).Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_key_stands_in_no_address()
    {
        var batch = await EndAsync(await SubmitAsync(2));
        await ReadAsync(batch);
        await Engine.FindAsync(Shard(2), Clock.GetUtcNow());
        await Provider.CancelAsync(batch, default);
        await Provider.CleanUpAsync(batch, default);
        Assert.DoesNotContain(Emulator.Requests, request => request.Path.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public void The_fingerprint_tells_keys_apart_and_no_key()
    {
        var one = Subject.Make(Emulator, Clock, Key).KeyFingerprint;
        Assert.Equal(one, Subject.Make(Emulator, Clock, Key).KeyFingerprint);
        Assert.NotEqual(one, Subject.Make(Emulator, Clock, Wrong).KeyFingerprint);
        Assert.DoesNotContain(one!, Key);
    }
}
