using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.TestKit;

namespace Offpeak.XAI.Tests;

public class OptionsTests : OptionsSuite<XAIOptions>
{
    protected override string Name => "xai";

    protected override string Spelling => "XAI";

    protected override string Key => "xai-canary-0123456789abcdef";

    protected override string StrangerKey => "xai-AAAABBBBCCCCDDDD";

    [Fact]
    public void Chats_and_responses_are_batched() =>
        Assert.Equal([BatchEndpoint.Chat, BatchEndpoint.Responses], Make(new XAIOptions()).Capabilities.Endpoints);

    [Fact]
    public void A_responses_conversation_goes_on_from_a_chat_answer()
    {
        var codec = new XAICodec();
        var request = codec.Encode("grok", BatchEndpoint.Responses, [new(ChatRole.User, "one")]);
        var answer = """{"choices":[{"message":{"role":"assistant","content":"two","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}"""u8.ToArray();
        var next = System.Text.Encoding.UTF8.GetString(codec.Continue(BatchEndpoint.Responses, request, answer, [new(ChatRole.User, "three")]));
        Assert.Contains("""{"type":"message","role":"assistant","content":[{"type":"output_text","text":"two"}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}""", next);
        Assert.True(next.IndexOf("one", StringComparison.Ordinal) < next.IndexOf("two", StringComparison.Ordinal));
        Assert.True(next.IndexOf("two", StringComparison.Ordinal) < next.IndexOf("three", StringComparison.Ordinal));
    }

    protected override XAIOptions FromConfiguration(IConfiguration? configuration) => XAIOptions.FromConfiguration(configuration);

    protected override void Add(OffpeakBuilder builder, Action<XAIOptions> configure) => builder.AddXAI(configure);

    protected override IBatchProvider Make(XAIOptions options, HttpMessageHandler? handler = null) => new XAIBatchProvider(options, handler: handler);
}
