using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Anthropic.Tests.Support;

/// <summary>Short ways to the things every test needs.</summary>
internal static class Make
{
    public const string Model = "claude-test";
    public const string Key = "sk-ant-canary-0123456789abcdef";

    public static AnthropicBatchProvider Provider(HttpMessageHandler? handler = null, TimeProvider? time = null, Action<AnthropicOptions>? configure = null)
    {
        var options = new AnthropicOptions { ApiKey = Key };
        configure?.Invoke(options);
        return new AnthropicBatchProvider(options, time, handler);
    }

    public static AnthropicBatchProvider Provider(Func<WireCall, HttpResponseMessage> answer) => Provider(new StubHandler(answer));

    public static MemorySubmission Shard(params string[] bodies) => MemorySubmission.Of(new SubmissionKey("op-test"), Model, bodies);

    public static ProviderBatchRef Batch(params (string Name, string Value)[] journal) => new()
    {
        ProviderBatchId = "msgbatch_1",
        Key = new SubmissionKey("op-test"),
        Model = Model,
        Endpoint = BatchEndpoint.Chat,
        EntryCount = 2,
        Journal = new Journal(journal.Select(pair => new KeyValuePair<string, string>(pair.Name, pair.Value))),
    };

    public static async Task<ProviderException> Failure(Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.DoesNotContain(Key, failure.ToString());
        Assert.InRange(failure.Message.Length, 1, 500);
        return failure;
    }

    extension(StubHandler handler)
    {
        public IEnumerable<WireCall> Creates => handler.Calls.Where(call => call is { Method: "POST", Path: "/v1/messages/batches" });
    }
}
