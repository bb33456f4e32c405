using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Tests.Support;

/// <summary>Short ways to the things every test needs.</summary>
internal static class Make
{
    public const string Key = "sk-canary-0123456789abcdef";

    public static OpenAIBatchProvider Provider(HttpMessageHandler? handler = null, TimeProvider? time = null, Action<OpenAIOptions>? configure = null)
    {
        var options = new OpenAIOptions { ApiKey = Key };
        configure?.Invoke(options);
        return new OpenAIBatchProvider(options, time, handler);
    }

    public static OpenAIBatchProvider Provider(Func<WireCall, HttpResponseMessage> answer) => Provider(new StubHandler(answer));

    public static ProviderBatchRef Batch(params (string Name, string Value)[] state) => new(
        "batch_1", new SubmissionKey("op-test"), "gpt-test", BatchEndpoint.Chat, 2,
        new Journal(state.Select(pair => new KeyValuePair<string, string>(pair.Name, pair.Value))));

    public static async Task<ProviderException> Failure(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString());
        Assert.InRange(failure.Message.Length, 1, 500);
        return failure;
    }
}
