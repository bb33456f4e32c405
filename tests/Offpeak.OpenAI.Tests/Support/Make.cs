using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.OpenAI.Tests.Support;

/// <summary>Short ways to the things every test needs.</summary>
internal static class Make
{
    public const string Model = "gpt-test";
    public const string Key = "sk-canary-0123456789abcdef";

    public static OpenAIBatchProvider Provider(HttpMessageHandler? handler = null, TimeProvider? time = null, Action<OpenAIOptions>? configure = null)
    {
        var options = new OpenAIOptions { ApiKey = Key };
        configure?.Invoke(options);
        return new OpenAIBatchProvider(options, time, handler);
    }

    public static OpenAIBatchProvider Provider(Func<WireCall, HttpResponseMessage> answer) => Provider(new StubHandler(answer));

    public static MemorySubmission Shard(params string[] bodies) => MemorySubmission.Of(new SubmissionKey("op-test"), Model, bodies);

    public static ProviderBatchRef Batch(params (string Name, string Value)[] journal) => new()
    {
        ProviderBatchId = "batch_1",
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
        public IEnumerable<WireCall> Creates => handler.Calls.Where(call => call is { Method: "POST", Path: "/v1/batches" });
    }
}
