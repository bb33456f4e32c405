using Microsoft.Extensions.Time.Testing;
using Offpeak.Anthropic.Tests.Support;
using Offpeak.Providers;
using Offpeak.TestKit;
using static Offpeak.TestKit.StubHandler;

namespace Offpeak.Anthropic.Tests;

/// <summary>One create call at a time for each key, because a lost batch is looked for by time and size.</summary>
public class GateTests
{
    private const string Made = """{"id":"msgbatch_1","processing_status":"in_progress"}""";

    [Fact]
    public async Task Two_providers_with_one_key_create_one_after_the_other()
    {
        var first = new Held();
        var second = new Held();
        var one = Provider(first, "key-one").SubmitAsync(Make.Shard("{}"), default);
        await first.Arrived.Task;
        var waiting = Make.Shard("{}");
        var two = Provider(second, "key-one").SubmitAsync(waiting, default);
        Assert.Empty(waiting.Log);

        first.Answer.SetResult(AsJson(Made));
        await one;
        await second.Arrived.Task;
        second.Answer.SetResult(AsJson(Made));
        await two;
    }

    [Fact]
    public async Task Another_key_does_not_wait()
    {
        var first = new Held();
        var one = Provider(first, "key-two").SubmitAsync(Make.Shard("{}"), default);
        await first.Arrived.Task;
        await Make.Provider(new StubHandler(_ => AsJson(Made)), configure: options => options.ApiKey = "key-three")
            .SubmitAsync(Make.Shard("{}"), default);
        first.Answer.SetResult(AsJson(Made));
        await one;
    }

    [Fact]
    public async Task A_turn_that_does_not_come_is_given_up_before_anything_was_begun()
    {
        var first = new Held();
        var one = Provider(first, "key-four").SubmitAsync(Make.Shard("{}"), default);
        await first.Arrived.Task;
        var time = new FakeTimeProvider();
        var late = Make.Shard("{}");
        var two = Provider(new Held(), "key-four", time).SubmitAsync(late, default);
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(ProviderErrorClass.RateLimited, (await Make.Failure(() => two)).Class);
        Assert.Empty(late.Log);
        first.Answer.SetResult(AsJson("", 500));
        await Make.Failure(() => one);
    }

    private static AnthropicBatchProvider Provider(Held held, string key, TimeProvider? time = null) =>
        Make.Provider(new StubHandler((_, _) => held.ReplyAsync()), time, options => options.ApiKey = key);

    private sealed class Held
    {
        public TaskCompletionSource Arrived { get; } = new();

        public TaskCompletionSource<HttpResponseMessage> Answer { get; } = new();

        public Task<HttpResponseMessage> ReplyAsync()
        {
            Arrived.SetResult();
            return Answer.Task;
        }
    }
}
