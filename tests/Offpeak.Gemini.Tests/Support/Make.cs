using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.Gemini.Tests.Support;

/// <summary>Short ways to the things every test needs.</summary>
internal static class Make
{
    public const string Key = "AIzaCanary0123456789abcdef";
    public const string Model = "gemini-2.5-flash";
    public const string Question = """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""";

    public static GeminiBatchProvider Provider(HttpMessageHandler? handler = null, TimeProvider? time = null, Action<GeminiOptions>? configure = null)
    {
        var options = new GeminiOptions { ApiKey = Key };
        configure?.Invoke(options);
        return new GeminiBatchProvider(options, time, handler);
    }

    public static GeminiBatchProvider Provider(Func<WireCall, HttpResponseMessage> answer) => Provider(new StubHandler(answer));

    public static MemorySubmission Shard(params string[] bodies) => MemorySubmission.Of(new SubmissionKey("op-test"), Model, bodies);

    public static ProviderBatchRef Batch(params (string Name, string Value)[] journal) => new()
    {
        ProviderBatchId = "batches/b1",
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
        public IEnumerable<WireCall> Creates => handler.Calls.Where(call => call.Path.Contains(":batchGenerateContent") || call.Path.Contains(":asyncBatchEmbedContent"));
    }
}
