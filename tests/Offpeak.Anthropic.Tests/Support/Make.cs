using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Anthropic.Tests.Support;

/// <summary>Short ways to the things every test needs.</summary>
internal static class Make
{
    public const string Key = "sk-ant-canary-0123456789abcdef";

    public static AnthropicBatchProvider Provider(HttpMessageHandler? handler = null, TimeProvider? time = null, Action<AnthropicOptions>? configure = null)
    {
        var options = new AnthropicOptions { ApiKey = Key };
        configure?.Invoke(options);
        return new AnthropicBatchProvider(options, time, handler);
    }

    public static AnthropicBatchProvider Provider(Func<WireCall, HttpResponseMessage> answer) => Provider(new StubHandler(answer));

    public static ProviderBatchRef Batch(params (string Name, string Value)[] state) => new(
        "msgbatch_1", new SubmissionKey("op-test"), "claude-test", BatchEndpoint.Chat, 2,
        new Journal(state.Select(pair => new KeyValuePair<string, string>(pair.Name, pair.Value))));

    public static async Task<ProviderException> Failure(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString());
        Assert.InRange(failure.Message.Length, 1, 500);
        return failure;
    }
}
