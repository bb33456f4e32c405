using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Codec;
using Offpeak.Providers;
using Offpeak.XAI.Tests.Support;

namespace Offpeak.XAI.Tests;

public class OptionsTests
{
    [Fact]
    public void The_section_wins_over_the_environment_names()
    {
        var plain = XAIOptions.FromConfiguration(Configuration(("XAI_API_KEY", " k1 "), ("XAI_BASE_URL", "http://localhost:1/v1")));
        Assert.Equal(("k1", "http://localhost:1/v1", false), (plain.ApiKey, plain.BaseUrl, plain.UseFiles));
        var section = XAIOptions.FromConfiguration(Configuration(("XAI_API_KEY", "k1"), ("Offpeak:XAI:ApiKey", "k2"), ("Offpeak:XAI:UseFiles", "true")));
        Assert.Equal(("k2", XAIOptions.DefaultBaseUrl, true), (section.ApiKey, section.BaseUrl, section.UseFiles));
    }

    [Fact]
    public void AddXAI_registers_one_provider_with_the_configured_key()
    {
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(Configuration(("XAI_API_KEY", "k1"))).AddXAI().BuildServiceProvider();
        var provider = Assert.Single(services.GetServices<IBatchProvider>());
        Assert.Equal(("xai", "6ab9f1eb"), (provider.Name, provider.KeyFingerprint));
        Assert.Equal([BatchEndpoint.Chat, BatchEndpoint.Responses], provider.Capabilities.Endpoints);
    }

    [Fact]
    public async Task A_missing_key_says_what_to_do()
    {
        var provider = new XAIBatchProvider(new XAIOptions { BaseUrl = "http://127.0.0.1:9" });
        var failure = await XAIBench.Failure(() => provider.SubmitAsync(XAIBench.Shard(1), default));
        Assert.Equal(ProviderErrorClass.Unauthorized, failure.Class);
        Assert.Contains("XAI_API_KEY", failure.Message);
    }

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

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => new KeyValuePair<string, string?>(pair.Name, pair.Value))).Build();
}
